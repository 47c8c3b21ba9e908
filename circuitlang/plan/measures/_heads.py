"""What measures of a role's attention heads share: one number a head, then the least or mean."""

from __future__ import annotations

from typing import Literal

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.plan.measures.base import Arguments, Measure, Parameter, Statistic, mean
from circuitlang.plan.request import RepeatedTokens

ROLE = Parameter("role", "role", heads_only=True)
OVER = Parameter("over", "choice", choices=("min", "mean"), default="min")


def heads(circuit: Circuit, arguments: Arguments) -> tuple[Node, ...]:
    """The attention heads of the role that the call names, in the order of the file."""
    nodes = circuit.roles[str(arguments["role"])].nodes
    return tuple(dict.fromkeys(node for node in nodes if node.kind == "head"))


def fold_heads(circuit: Circuit, arguments: Arguments) -> Statistic:
    return Statistic(
        {str(h): mean(str(h)) for h in heads(circuit, arguments)}, fold=fold(arguments)
    )


def fold(arguments: Arguments) -> Literal["min", "mean"]:
    return "mean" if arguments["over"] == "mean" else "min"


def prefix(arguments: Arguments) -> str:
    """How the formula of such a measure begins."""
    return f"{arguments['over']} over heads h of {arguments['role']} of"


def repeated_tokens(
    name: str,
    pattern: Literal["previous", "duplicate", "induction"],
    summary: str,
    cells: str,
    reference: str,
) -> Measure:
    """A measure of one diagonal of the attention pattern on random tokens, repeated twice."""

    def requests(circuit: Circuit, arguments: Arguments) -> dict[str, RepeatedTokens]:
        length, examples = int(str(arguments["length"])), int(str(arguments["examples"]))
        return {
            str(h): RepeatedTokens(h, pattern, length, examples) for h in heads(circuit, arguments)
        }

    return Measure(
        name=name,
        summary=summary,
        parameters=(
            ROLE,
            Parameter("length", "integer", default=50, bounds=(2, 512)),
            Parameter("examples", "integer", default=32, bounds=(5, 4096)),
            OVER,
        ),
        relative=lambda _: True,
        formula=lambda arguments: f"{prefix(arguments)} mean {cells}, n = {arguments['length']}",
        requests=requests,
        statistic=fold_heads,
        reference=reference,
        covers=lambda _: ("size",),
    )

"""What the senders of a receiver do, each alone."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import LOGITS, PORTS, Node, feeds
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.measures.base import (
    Arguments,
    Combine,
    Measure,
    Misuse,
    Parameter,
    Statistic,
    mean,
)
from circuitlang.plan.measures.path_effect import ANY, no_port, receivers
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, path_variant, shape_of

_NAME = "`strongest_path`"
_SENDERS = ("heads", "mlps", "both")
_AMONG = ("all", "outside")


def senders(circuit: Circuit, arguments: Arguments) -> tuple[Node, ...]:
    """The heads, MLPs or both whose output a receiver reads; with ``among=outside`` those that are
    no members of the circuit. In order of evaluation."""
    shape, kind = shape_of(circuit, _NAME), arguments.get("senders", "heads")
    nodes = {"heads": shape.heads, "mlps": shape.mlps, "both": (*shape.heads, *shape.mlps)}
    readers = receivers(circuit, arguments["to"], arguments.get("via", ANY))
    return tuple(
        node
        for node in sorted(nodes[str(kind)])
        if any(feeds(node, reader.node) for reader in readers)
        and not (arguments.get("among") == "outside" and node in circuit.members)
    )


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    shape, asked = shape_of(circuit, _NAME), {"M": Evaluation(MODEL)}
    readers = receivers(circuit, arguments["to"], arguments.get("via", ANY))
    for node in senders(circuit, arguments):
        # A path stays at its position: where nothing is read, what is sent makes no difference.
        patched = path_variant(shape, {node: EVERYWHERE}, readers)
        asked[str(node)] = Evaluation(patched)
    return asked


def _change(node: str) -> Combine:
    return lambda f: (f[node] - f["M"]) / f["M"]


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    names = [str(node) for node in senders(circuit, arguments)]
    return Statistic(
        {name: _change(name) for name in names},
        fold="max",
        absolute=True,
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M")},
        part_inputs={name: {"F(M∖(X→R))": mean(name)} for name in names},
        explores=True,
    )


def _formula(arguments: Arguments) -> str:
    via = arguments.get("via", ANY)
    path = f"X→{arguments['to']}" + ("" if via == ANY else f".{via}")
    kind = {"heads": "heads X", "mlps": "MLPs X", "both": "heads and MLPs X"}
    where = " outside C" if arguments.get("among") == "outside" else ""
    listed = kind.get(str(arguments.get("senders")), "heads X")
    return f"max over {listed}{where} of |F(M∖({path})) − F(M)| / F(M)"


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    if not receivers(circuit, arguments["to"], arguments["via"]):
        return no_port(arguments)
    if circuit.shape is not None and not senders(circuit, arguments):
        return Misuse(
            "backward-edge",
            f"none of the {arguments['senders']} asked for comes before `{arguments['to']}`",
            "to",
            "claim it of `logits`, which reads everything" if arguments["to"] != LOGITS else None,
        )
    return None


MEASURE = Measure(
    name="strongest_path",
    summary=(
        "Path patching from every component at once, each alone: the largest change that one of "
        "them makes through R. With `among=outside` only those that the circuit leaves out: "
        "small is good."
    ),
    parameters=(
        Parameter("to", "receiver"),
        Parameter("via", "choice", choices=(*PORTS, ANY), default=ANY),
        Parameter("senders", "choice", choices=_SENDERS, default="heads"),
        Parameter("among", "choice", choices=_AMONG, default="all"),
    ),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 3 and app. B",
    needs_ratio_metric=lambda _: True,
    misuse=_misuse,
    covers=lambda _: ("task",),
)

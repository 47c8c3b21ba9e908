"""What one component does by itself, nothing in between."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.positions import Positions
from circuitlang.plan.measures._change import relative_change
from circuitlang.plan.measures.base import (
    Arguments,
    Measure,
    Misuse,
    Parameter,
    Statistic,
    components,
)
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, direct_variant


def _label(arguments: Arguments) -> str:
    return f"M∖({arguments['of']}→logits)"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    cut = direct_variant(circuit, components(circuit, arguments["of"]))
    return {"M": Evaluation(MODEL), _label(arguments): Evaluation(cut)}


def _statistic(_circuit: Circuit, arguments: Arguments) -> Statistic:
    return relative_change(_label(arguments))


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    read = Positions.of([circuit.task.metric.at])
    nodes = components(circuit, arguments["of"])
    if any(circuit.at(node) & read for node in nodes):
        return None
    written = " and ".join(sorted({str(circuit.members[node]) for node in nodes}))
    return Misuse(
        "position-mismatch",
        f"`{arguments['of']}` writes at {written}, and the metric reads the logits at {read}: no "
        "direct path leads from one to the other",
        "of",
        f"claim `effect(of={arguments['of']})`, which counts every path",
    )


MEASURE = Measure(
    name="direct_effect",
    summary=(
        "The change when only the edges from a role or a node to the logits are ablated; nothing "
        "else is recomputed but the final norm."
    ),
    parameters=(Parameter("of", "component"),),
    relative=lambda _: True,
    formula=lambda arguments: f"(F({_label(arguments)}) − F(M)) / F(M)",
    requests=_requests,
    statistic=_statistic,
    reference=(
        "McGrath et al. 2023 (arXiv:2307.15771), sec. 2; unlike path patching to the logits it "
        "counts no path through an MLP"
    ),
    needs_ratio_metric=lambda _: True,
    misuse=_misuse,
    covers=lambda _: ("task", "size"),
)

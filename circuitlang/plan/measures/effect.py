"""What one component does in the full model."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import (
    Arguments,
    Measure,
    Parameter,
    Statistic,
    components,
    mean,
)
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, knockout_variant


def _formula(arguments: Arguments) -> str:
    return f"(F(M∖{arguments['of']}) − F(M)) / F(M)"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    removed = components(circuit, arguments["of"])
    return {"M": Evaluation(MODEL), "M∖X": Evaluation(knockout_variant(circuit, removed))}


def _statistic(_circuit: Circuit, arguments: Arguments) -> Statistic:
    return Statistic(
        {"": lambda f: (f["M∖X"] - f["M"]) / f["M"]},
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M"), f"F(M∖{arguments['of']})": mean("M∖X")},
    )


MEASURE = Measure(
    name="effect",
    summary=(
        "The change when a role or a node is ablated in the full model: negative where it helps. "
        "A member is ablated at its circuit positions, any other node everywhere."
    ),
    parameters=(Parameter("of", "component"),),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 2.1 (knockout)",
    needs_ratio_metric=lambda _: True,
    covers=lambda _: ("task", "size"),
)

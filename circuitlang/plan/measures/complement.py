"""What is left without the circuit."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import Arguments, Measure, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, complement_variant, empty_variant


def _requests(circuit: Circuit, _arguments: Arguments) -> Mapping[str, Evaluation]:
    return {
        "M": Evaluation(MODEL),
        "M∖C": Evaluation(complement_variant(circuit)),
        "∅": Evaluation(empty_variant(circuit)),
    }


def _statistic(_circuit: Circuit, _arguments: Arguments) -> Statistic:
    return Statistic(
        {"": lambda f: (f["M∖C"] - f["∅"]) / (f["M"] - f["∅"])},
        denominator=lambda f: f["M"] - f["∅"],
        inputs={"F(M)": mean("M"), "F(M∖C)": mean("M∖C"), "F(∅)": mean("∅")},
    )


MEASURE = Measure(
    name="complement",
    summary="How much of the behaviour is left when the circuit is removed; small is good.",
    parameters=(),
    relative=lambda _: True,
    formula=lambda _: "(F(M∖C) − F(∅)) / (F(M) − F(∅))",
    requests=_requests,
    statistic=_statistic,
    reference="Marks et al. 2024 (arXiv:2403.19647), there called completeness",
    covers=lambda _: ("task", "ablation", "size"),
)

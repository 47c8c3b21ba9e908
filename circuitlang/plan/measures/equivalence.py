"""Whether circuit and model do equally well, prompt by prompt."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.hypothesis import Equivalence
from circuitlang.plan.measures.base import Arguments, Measure, Statistic
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant


def _requests(circuit: Circuit, _arguments: Arguments) -> Mapping[str, Evaluation]:
    return {"M": Evaluation(MODEL), "C": Evaluation(circuit_variant(circuit))}


def _statistic(_circuit: Circuit, _arguments: Arguments) -> Statistic:
    return Statistic({}, test=Equivalence())


MEASURE = Measure(
    name="equivalence",
    summary=(
        "A test, whose value is a p-value: small where the circuit does better, or worse, than the "
        "model on clearly more than half of the prompts. Not rejecting is no proof of equivalence."
    ),
    parameters=(),
    relative=lambda _: True,
    formula=lambda _: "p of |P(D > 0) − 1/2| < 0.1, with D = s(C) − s(M) on a prompt",
    requests=_requests,
    statistic=_statistic,
    reference="Shi et al. 2024 (arXiv:2410.13032), equivalence test",
    null=lambda _: "on 40 to 60% of prompts the circuit scores above the model",
    covers=lambda _: ("task", "ablation", "size"),
)

"""Whether the circuit does what random circuits do not."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.hypothesis import AgainstRandom
from circuitlang.plan.measures._random import CIRCUITS, EXAMPLES, drawn, runs_against, too_few
from circuitlang.plan.measures.base import Arguments, Measure, Statistic
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import circuit_variant

_NAME = "sufficiency"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    return runs_against(circuit, arguments, _NAME, "C", circuit_variant)


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    others = tuple(drawn(circuit, arguments, _NAME))
    return Statistic({}, test=AgainstRandom("C", others, "nearer"))


MEASURE = Measure(
    name=_NAME,
    summary=(
        "A test, whose value is a p-value: small where the circuit is nearer to the model than 90% "
        "of random circuits of its size profile."
    ),
    parameters=(CIRCUITS, EXAMPLES),
    relative=lambda _: True,
    formula=lambda arguments: (
        f"p of P(d(C) ≤ d(R)) ≤ 0.9, R one of {arguments['circuits']} random circuits, "
        "d(X) = mean (s(X) − s(M))²"
    ),
    requests=_requests,
    statistic=_statistic,
    reference="Shi et al. 2024 (arXiv:2410.13032), sufficiency test; random circuits are ours",
    null=lambda _: "at most 90% of random circuits are as far from the model, or further",
    level=too_few,
    covers=lambda _: ("task", "ablation", "size"),
)

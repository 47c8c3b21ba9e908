"""Whether the model needs the circuit more than it needs random ones."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.hypothesis import AgainstRandom
from circuitlang.plan.measures._random import CIRCUITS, EXAMPLES, drawn, runs_against, too_few
from circuitlang.plan.measures.base import Arguments, Measure, Statistic
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import complement_variant

_NAME = "partial_necessity"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    return runs_against(circuit, arguments, _NAME, "M∖C", complement_variant)


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    others = tuple(drawn(circuit, arguments, _NAME))
    return Statistic({}, test=AgainstRandom("M∖C", others, "further"))


MEASURE = Measure(
    name=_NAME,
    summary=(
        "A test, whose value is a p-value: small where removing the circuit changes the model more "
        "than removing 90% of random circuits of its size profile does."
    ),
    parameters=(CIRCUITS, EXAMPLES),
    relative=lambda _: True,
    formula=lambda arguments: (
        f"p of P(d(M∖C) > d(M∖R)) ≤ 0.9, R one of {arguments['circuits']} random circuits, "
        "d(X) = mean (s(X) − s(M))²"
    ),
    requests=_requests,
    statistic=_statistic,
    reference="Shi et al. 2024 (arXiv:2410.13032), partial necessity; random circuits are ours",
    null=lambda _: "at most 90% of random circuits change the model less when removed",
    level=too_few,
    covers=lambda _: ("task", "ablation", "size"),
)

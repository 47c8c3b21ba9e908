"""Whether what is left without the circuit still knows what the model knows."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.hypothesis import Independence
from circuitlang.plan.measures.base import Arguments, Measure, Misuse, Parameter, Statistic
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, complement_variant

# The kernels of so many examples are 8 MB each.
MOST_EXAMPLES = 1000


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    wanted = int(str(arguments["examples"]))
    # Where that is all of them, the runs are those of other claims too.
    examples = wanted if wanted < circuit.policy.examples else None
    return {
        "M": Evaluation(MODEL, examples=examples),
        "M∖C": Evaluation(complement_variant(circuit), examples=examples),
    }


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    test = Independence(int(str(arguments["permutations"])), circuit.policy.seed)
    return Statistic({}, test=test)


def _level(arguments: Arguments, level: float) -> Misuse | None:
    permutations = int(str(arguments["permutations"]))
    if level * (permutations + 1) >= 1:
        return None
    return Misuse(
        "unreachable-level",
        f"{permutations} permutations give no p below {1 / (permutations + 1):.2g}, and the claim "
        f"is about {level:g}",
        "permutations",
        f"take {round(1 / level):,} or more, or another level",
    )


MEASURE = Measure(
    name="independence",
    summary=(
        "A test, whose value is a p-value: small where the score without the circuit still goes "
        "with the model's, in whatever way. Not rejecting is no proof of independence."
    ),
    parameters=(
        Parameter("permutations", "integer", default=1000, bounds=(99, 10_000)),
        Parameter("examples", "integer", default=MOST_EXAMPLES, bounds=(5, MOST_EXAMPLES)),
    ),
    relative=lambda _: True,
    formula=lambda arguments: (
        f"p of s(M∖C) ⫫ s(M), by HSIC and {arguments['permutations']} permutations"
    ),
    requests=_requests,
    statistic=_statistic,
    reference="Shi et al. 2024 (arXiv:2410.13032), independence test; Gretton et al. 2007",
    null=lambda _: "without the circuit, the score is independent of the model's",
    level=_level,
    covers=lambda _: ("task", "ablation", "size"),
)

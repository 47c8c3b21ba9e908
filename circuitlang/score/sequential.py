"""Looks at growing data, declared before any of it is measured (see docs/design/011)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from circuitlang.circuit.circuit import Claim, Policy
from circuitlang.plan.looks import look_sizes
from circuitlang.plan.measures.base import Statistic
from circuitlang.score.estimate import Estimation, Values, estimate
from circuitlang.score.judge import decide
from circuitlang.score.spending import nominal_levels, sequential_p
from circuitlang.score.verdict import Look, Outcome, allowed


def declare_looks(first: int, most: int, confidence: float) -> tuple[Look, ...]:
    """The looks of a verification: at ``first`` examples, at twice as many, and so on, the last at
    ``most``; each with the level that O'Brien-Fleming-like spending leaves to either side of its
    interval, (1 - confidence) / 2 over all looks.

    Looks too early to decide anything are not taken, and what they would have spent is left to the
    later ones. Depends on these three numbers alone. Raises ValueError for a ``most`` below
    ``first``.
    """
    sizes = look_sizes(first, most, confidence)
    overall = (1 - confidence) / 2
    fractions = tuple(size / most for size in sizes)
    levels = nominal_levels(overall, fractions)
    return tuple(
        Look(number, len(sizes), *each, overall)
        for number, each in enumerate(zip(sizes, fractions, levels, strict=True), start=1)
    )


class Decision(NamedTuple):
    """What the looks came to: the outcome of the last one taken, that look and its estimate, whose
    interval is at the look's own level; ``chances`` are the nominal p-values of the looks taken."""

    outcome: Outcome
    look: Look
    found: Estimation
    chances: tuple[float, ...]

    def p(self, looks: Sequence[Look]) -> float:
        """The sequential p-value, which a family of claims can be corrected with."""
        return sequential_p(self.chances, fractions_of(looks))


def decide_in_looks(
    statistic: Statistic,
    values: Values,
    clusters: Sequence[str],
    claim: Claim,
    policy: Policy,
    looks: Sequence[Look],
) -> Decision:
    """The whole rule on numbers that are there already: looks at the first of them, then at more,
    until one decides ``claim`` or none is left.

    ``values`` holds one number an example by label, in the order in which examples come, as many as
    the last look reads or more, 5 at the least; ``clusters`` their templates. The interval of a
    look is the bootstrap's, as `estimate` makes it under ``policy``, at the look's level. With a
    single look at the policy's confidence this is the rule without looks. Covers, other claims of a
    file and measures whose value is a p-value are not looked at.
    """
    chances: list[float] = []
    for look in looks:
        seen = {label: tuple(numbers[: look.examples]) for label, numbers in values.items()}
        found = estimate(
            statistic,
            seen,
            clusters[: look.examples],
            at_look(policy, look),
            claim.threshold,
            allowed(claim),
        )
        chances.append(1.0 if found.p is None else found.p)
        outcome: Outcome = "inconclusive"
        if found.estimate is not None:
            outcome = decide(claim, found.estimate.interval)
        if outcome != "inconclusive" or look.last:
            break
    return Decision(outcome, look, found, tuple(chances))


def at_look(policy: Policy, look: Look) -> Policy:
    """The policy with the confidence of the intervals of one look, and its number of examples."""
    return replace(policy, confidence=look.confidence, examples=look.examples)


def fractions_of(looks: Sequence[Look]) -> tuple[float, ...]:
    return tuple(look.fraction for look in looks)

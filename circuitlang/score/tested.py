"""The p-value that a test makes of the numbers of its runs, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from circuitlang.plan.hypothesis import (
    AgainstAdded,
    AgainstRandom,
    Equivalence,
    Independence,
    Test,
    least_p,
)
from circuitlang.score.estimate import Values
from circuitlang.score.family import holm
from circuitlang.score.hypothesis import (
    distance,
    equivalence,
    independence,
    less_often,
    more_often,
)


class PartP(NamedTuple):
    """A part's p-value, alone and with Holm's correction for all parts."""

    p: float
    adjusted: float


@dataclass(frozen=True)
class Outcome:
    """``p`` is None where there is none, and ``method`` then says why. ``least`` is the smallest
    p that ``units`` of this number could have given."""

    p: float | None
    method: str
    units: str
    least: float = 0.0
    parts: Mapping[str, PartP] = field(default_factory=dict)


def carry_out(test: Test, values: Values) -> Outcome:
    """The test on the numbers of its runs, one an example for each label."""
    match test:
        case Equivalence():
            return _equivalence(values)
        case Independence(permutations, seed):
            return _independence(values, permutations, seed)
        case AgainstRandom(own, others, side):
            return _against_random(values, own, others, side == "nearer")
        case AgainstAdded():
            return _against_added(values, test)


def _equivalence(values: Values) -> Outcome:
    found = equivalence(values["C"], values["M"])
    method = (
        f"exact binomial test, C ahead on {found.wins} of {found.n} prompts; "
        f"{len(values['C']) - found.n} ties left out"
    )
    # Where all are ties the two are as equivalent as can be.
    return Outcome(found.p, method, f"{found.n} prompts", found.least if found.n else 0.0)


def _independence(values: Values, permutations: int, seed: int) -> Outcome:
    units = f"{permutations:,} permutations"
    p = independence(values["M"], values["M∖C"], permutations, seed)
    if p is None:
        reason = "most scores of model and complement are equal: the kernels have no width"
        return Outcome(None, reason, units)
    return Outcome(p, f"HSIC, {units}", units, 1 / (permutations + 1))


def _against_random(values: Values, own: str, others: tuple[str, ...], nearer: bool) -> Outcome:
    mine = distance(values[own], values["M"])
    theirs = [distance(values[other], values["M"]) for other in others]
    wins = sum(mine <= d if nearer else mine > d for d in theirs)
    units = f"{len(others)} random circuits"
    compared = "as near as or nearer than" if nearer else "further than"
    method = f"exact binomial test, {own} {compared} {wins} of {units}"
    return Outcome(more_often(wins, len(others)), method, units, least_p(len(others)))


def _against_added(values: Values, test: AgainstAdded) -> Outcome:
    random = [distance(values[one.whole], values[one.without]) for one in test.added]
    n = len(random)
    chances = []
    for part in test.parts.values():
        change = distance(values[part.whole], values[part.without])
        chances.append(less_often(sum(change > other for other in random), n))
    adjusted = holm(chances)
    found = {name: PartP(p, q) for name, p, q in zip(test.parts, chances, adjusted, strict=True)}
    parts = "1 part" if len(found) == 1 else f"{len(found)} parts"
    method = f"exact binomial test of each part against {n} added at random, Holm over {parts}"
    least = min(1.0, len(found) * less_often(0, n))
    return Outcome(min(adjusted), method, f"{n} random additions", least, found)

"""Tests of a hypothesis: what each compares, by the labels of what its measure reads.

What the numbers make of it is `circuitlang.score.tested`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

# Shi et al. (2024): the share of random circuits that a circuit is held against.
QUANTILE = 0.9


@dataclass(frozen=True)
class Equivalence:
    """Of ``C`` and ``M``: which is ahead, prompt by prompt."""


@dataclass(frozen=True)
class Independence:
    """Of ``M∖C`` and ``M``, by so many random ``permutations`` of the prompts."""

    permutations: int
    seed: int


@dataclass(frozen=True)
class AgainstRandom:
    """How far from ``M`` the run ``own`` is, against each of ``others``. It beats one that is at
    least as far where it has to be ``nearer``, and one that is nearer where it has to be
    ``further``."""

    own: str
    others: tuple[str, ...]
    side: Literal["nearer", "further"]


class Change(NamedTuple):
    """The labels of two runs, of which the second lacks a part that the first has."""

    whole: str
    without: str


@dataclass(frozen=True)
class AgainstAdded:
    """How much each of ``parts`` changes, against each of the parts ``added`` at random."""

    parts: Mapping[str, Change]
    added: tuple[Change, ...]


Test = Equivalence | Independence | AgainstRandom | AgainstAdded


def least_p(circuits: int) -> float:
    """The smallest p-value that so many random circuits can give: that of a circuit which beats
    them all, 0.9ⁿ."""
    return QUANTILE**circuits


def fewest(level: float) -> int:
    """The least number of random circuits whose `least_p` is not above the level; 29 for 5 %."""
    return math.ceil(math.log(level) / math.log(QUANTILE))

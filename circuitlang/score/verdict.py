"""Verdicts: what a claim came to. Plain records; numpy is not needed to read one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from circuitlang.circuit.circuit import Claim, Waiver
from circuitlang.plan.measures.base import CoverName

Outcome = Literal["pass", "fail", "inconclusive", "vacuous", "error", "waived"]


class Interval(NamedTuple):
    """A closed confidence interval."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, float | int) and self.low <= value <= self.high


class Measured(NamedTuple):
    """A number and its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Part:
    """One part of a measure: a member, a role, a set of members. ``estimate`` is signed;
    ``category`` is the measure's word for the part, where it has one. ``members`` lists what the
    name does not say, and ``searched`` is the signed value on the examples that chose them. ``p``
    is the part's own p-value, in a test or, where parts are explored, of "the part is zero";
    ``adjusted`` is that with a correction for all parts: Holm's in a test, else Benjamini and
    Hochberg's."""

    name: str
    estimate: Measured
    category: str | None = None
    inputs: Mapping[str, Measured] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    searched: float | None = None
    p: float | None = None
    adjusted: float | None = None


@dataclass(frozen=True)
class Cover:
    """One check of whether a claim says anything. ``met`` is None where it cannot be told; ``text``
    says what was found. ``values`` are the random circuits' own estimates, of which ``passing``
    would pass the claim."""

    name: CoverName
    met: bool | None
    text: str
    values: tuple[float, ...] = ()
    passing: int = 0


class NullTest(NamedTuple):
    """The estimate is the p-value of a ``hypothesis``, ``rejected`` at the claim's level or not;
    ``least`` is the smallest p that could have come out."""

    hypothesis: str
    rejected: bool
    least: float


class Look(NamedTuple):
    """One of the looks at growing data, ``number`` ``of`` so many, with the first ``examples``: a
    ``fraction`` of those at the last. ``level`` is what either side of an interval may miss at this
    look alone, ``overall`` at any of them."""

    number: int
    of: int
    examples: int
    fraction: float
    level: float
    overall: float

    @property
    def confidence(self) -> float:
        return 1 - 2 * self.level

    @property
    def last(self) -> bool:
        return self.number == self.of


@dataclass(frozen=True)
class Verdict:
    """One claim, judged.

    ``estimate`` is None where there is no number to stand behind: nothing measured, values that
    are not finite, a denominator that may be zero; ``reasons`` then says which. ``outcome`` is
    ``waived`` where a waiver covers what was ``judged``. ``worst`` holds indices of the examples
    that pull the estimate furthest from what was claimed, the worst first. ``searched`` is the
    value on the examples of a search; the estimate is then on the others. ``test`` is set where
    the estimate is a p-value; it has no interval, and its ends are the value. ``p`` is the p-value
    of the claim, and ``adjusted`` that with Holm's correction for all claims of the file; None
    where there is none. ``look`` is the last look that was taken at growing data, ``chances`` the
    nominal p-values of all that were; ``confidence`` is then that look's, and ``p`` of them all.
    """

    claim: Claim
    outcome: Outcome
    judged: Outcome
    formula: str
    n: int = 0
    confidence: float = 0.95
    method: str = ""
    estimate: Measured | None = None
    p: float | None = None
    adjusted: float | None = None
    inputs: Mapping[str, Measured] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    reasons: tuple[str, ...] = ()
    worst: tuple[int, ...] = ()
    searched: float | None = None
    test: NullTest | None = None
    covers: tuple[Cover, ...] = ()
    waiver: Waiver | None = None
    seconds: float = 0.0
    look: Look | None = None
    chances: tuple[float, ...] = ()

    @property
    def blocking(self) -> bool:
        """Whether the outcome counts towards the exit code: not under ``else warn``."""
        return self.claim.severity == "error" and self.outcome not in ("pass", "waived")


def allowed(claim: Claim) -> Interval:
    """The values that the claim permits, ends included."""
    match claim.comparator:
        case ">=":
            return Interval(claim.threshold, math.inf)
        case "<=":
            return Interval(-math.inf, claim.threshold)
        case _:
            # 0.8 + 0.05 is a hair above 0.85: what was written in decimal is meant.
            tolerance = claim.tolerance or 0.0
            return Interval(
                round(claim.threshold - tolerance, 12), round(claim.threshold + tolerance, 12)
            )


EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_UNMEASURED = 1, 3, 4


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """0 where every claim passes, is waived or only warns; 1 if any fails; else 4 if any could
    not be measured; else 3 if any is inconclusive or vacuous, or if there is no claim at all:
    nothing was verified."""
    verdicts = tuple(verdicts)
    outcomes = {v.outcome for v in verdicts if v.blocking}
    if "fail" in outcomes:
        return EXIT_FAIL
    if "error" in outcomes:
        return EXIT_UNMEASURED
    if outcomes & {"inconclusive", "vacuous"} or not verdicts:
        return EXIT_INCONCLUSIVE
    return 0

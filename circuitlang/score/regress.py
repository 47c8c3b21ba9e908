"""Whether a claim's number has fallen since it was recorded: a paired test, claim by claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import pose
from circuitlang.score.difference import Side, paired
from circuitlang.score.family import holm
from circuitlang.score.judge import MIN_EXAMPLES
from circuitlang.score.regression import Finding, Regression


def regression(
    claim: Claim,
    now: tuple[Circuit, Observations],
    then: tuple[Circuit, Observations],
    most: float,
) -> Regression:
    """The claim on both sides' numbers of the same examples. ``most`` is the fall that is allowed,
    in the measure's own unit.

    The difference is resampled, the same examples for both sides; it is ``worse`` if its whole
    interval lies beyond the allowed fall, ``held`` if none of it does.
    """
    sides = []
    for circuit, observations in (now, then):
        posed = pose(circuit, claim, observations)
        statistic, reads = posed.statistic, posed.reads
        if statistic is None or not all(r in observations for r in reads.values()):
            return Regression(claim, "not compared", reason="not measured on both sides")
        if statistic.test is not None or statistic.simulated:
            return Regression(claim, "not compared", reason="its value is no mean over examples")
        sides.append((statistic, {label: observations[r] for label, r in reads.items()}))
    clusters = {one.clusters for _, read in sides for one in read.values()}
    if len(clusters) != 1:
        return Regression(claim, "not compared", reason="it was measured on other examples")
    (names,) = clusters
    if len(names) < MIN_EXAMPLES:
        return Regression(claim, "not compared", reason=f"{len(names)} examples are too few")
    first, second = (Side(s, {k: one.values for k, one in read.items()}) for s, read in sides)
    # A claim to be near a number falls by moving away from it, on whichever side.
    target = claim.threshold if claim.comparator == "~=" else None
    found = paired(first, second, names, now[0].policy, (-most, most), target)
    if found is None:
        return Regression(claim, "not compared", reason="the difference is not a finite number")
    rises = claim.comparator == ">="
    low, high = found.difference.interval
    worst, best = (low, high) if rises else (-high, -low)
    if found.difference.value == low == high == 0:
        finding: Finding = "same"
    elif best < -most:
        finding = "worse"
    else:
        finding = "held" if worst >= -most else "undecided"
    p = None
    if finding != "same":
        p = 1 - found.levels[-most] if rises else found.levels[most]
    return Regression(claim, finding, found.second, found.first, found.difference, p)


def in_one_family(found: Sequence[Regression], confidence: float) -> tuple[Regression, ...]:
    """The regressions with adjusted p-values. One that would be ``worse`` alone and whose adjusted
    p is above one tail of its interval is ``undecided``: of many claims one falls by chance."""
    tested = [one for one in found if one.p is not None]
    adjusted = iter(holm([one.p for one in tested if one.p is not None]))
    level = (1 - confidence) / 2
    done = []
    for one in found:
        if one.p is None:
            done.append(one)
            continue
        p = next(adjusted)
        lucky = one.finding == "worse" and p > level
        reason = f"as one of {len(tested)} claims that may be chance" if lucky else one.reason
        finding = "undecided" if lucky else one.finding
        done.append(replace(one, finding=finding, adjusted=p, reason=reason))
    return tuple(done)


def comparable(claim: Claim, other: Claim) -> str | None:
    """Why two claims' numbers may not be compared: they are of different definitions."""
    formulas = [MEASURES[one.measure.name].formula(one.measure.arguments) for one in (claim, other)]
    if str(claim.measure) != str(other.measure) or formulas[0] != formulas[1]:
        return f"`{claim.measure}` is {formulas[0]}, `{other.measure}` is {formulas[1]}"
    return None

"""Many p-values at once. A file's claims are one family, with Holm's correction
(docs/design/010-family.md); tables that explore have Benjamini and Hochberg's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipy import stats

from circuitlang.score.verdict import NullTest, Verdict

# What floating point may add to a p-value that sits on its level.
_SLACK = 1e-9


def holm(chances: Sequence[float], size: int | None = None) -> tuple[float, ...]:
    """Adjusted p-values (Holm 1979): of the claims whose adjusted p is at most a, one or more are
    true nulls with probability at most a, however the claims depend on each other.

    ``size`` is that of the family where not all of its p-values are at hand; the others are taken
    to be 1.
    """
    total = len(chances) if size is None else size
    adjusted = [1.0] * len(chances)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        largest = max(largest, min(1.0, (total - rank) * chances[i]))
        adjusted[i] = largest
    return tuple(adjusted)


def benjamini_hochberg(chances: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values of an exploratory table (Benjamini & Hochberg 1995): of the parts whose
    adjusted p is at most a, a share of a at most is expected to be chance, where the parts are
    independent or depend on each other positively."""
    return tuple(map(float, stats.false_discovery_control(chances))) if chances else ()


def in_family(verdicts: Sequence[Verdict], size: int) -> tuple[Verdict, ...]:
    """The verdicts with their adjusted p-values. A claim that would pass alone, and whose adjusted
    p is above its level, is inconclusive.

    ``size`` counts the claims of the file, whether they were asked for or not: choosing claims on
    the command line makes none of them easier. A claim without a p-value, because it could not be
    measured, keeps its place with a p of 1.
    """
    adjusted = holm([1.0 if v.p is None else v.p for v in verdicts], size)
    left = size - len(verdicts)
    return tuple(_adjusted(v, p, size, left) for v, p in zip(verdicts, adjusted, strict=True))


def level_of(verdict: Verdict) -> float:
    """What a claim's p has to be at most: one tail of its interval, or what all looks spend on one
    side, or the level that a claim about a test names."""
    if verdict.look is not None:
        return verdict.look.overall
    return verdict.claim.threshold if verdict.test else (1 - verdict.confidence) / 2


def _adjusted(verdict: Verdict, adjusted: float, size: int, left: int) -> Verdict:
    p = verdict.p
    if p is None:
        return verdict
    verdict = replace(verdict, adjusted=adjusted)
    level = level_of(verdict)
    if verdict.outcome != "pass" or adjusted <= level + _SLACK:
        return verdict
    alone = f"one of {size} claims" if size > 1 else "its interval alone passes"
    if left:
        alone += f", {left} of them left out and counted as p = 1,"
    reason = (
        f"p = {p:.2g}; as {alone} that is {adjusted:.2g}, above {level:.3g}"
        f"{_larger_test(verdict.test, p) if verdict.test else _more(p, adjusted, level)}"
    )
    if left:
        reason += "; verified with all claims of the file it may pass as it is"
    return replace(
        verdict, outcome="inconclusive", judged="inconclusive", reasons=(*verdict.reasons, reason)
    )


def _larger_test(test: NullTest, p: float) -> str:
    """What to do where the test could not have come out clearer."""
    if p > test.least * (1 + _SLACK):
        return ""
    return ": it is the least p that a test of this size can give, and a larger one may decide it"


def _more(p: float, adjusted: float, level: float) -> str:
    """How much more data would do: a distance in standard errors grows as its square root."""
    now, wanted = stats.norm.isf(p), stats.norm.isf(level * p / adjusted)
    if not now > 0:
        return ""
    return f": about {(wanted / now) ** 2:.1f} times as much data would decide it"

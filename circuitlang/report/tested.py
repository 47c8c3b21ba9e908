"""P-values as people read them: without an interval, and with what became of the hypothesis."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.report.number import show
from circuitlang.score.verdict import Part, Verdict


def estimated(verdict: Verdict) -> str:
    """A claim's estimate with its interval, ``71.3% [68.9, 73.6]``, or its p-value with what that
    says, ``p = 0.24, not rejected``."""
    if verdict.estimate is None:
        return "no estimate"
    if verdict.test is None:
        return show(verdict.estimate, percent=verdict.claim.percent)
    word = "rejected" if verdict.test.rejected else "not rejected"
    return f"{chance(verdict.estimate.value)}, {word}"


def chance(p: float) -> str:
    """``p = 0.012``; far below any level, a bound."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def hypothesis_line(verdict: Verdict) -> Iterator[str]:
    """What was tested, in words; nothing for what is no test."""
    if verdict.test is None:
        return
    if verdict.test.rejected:
        yield f"rejected: {verdict.test.hypothesis}"
    else:
        yield f"not rejected, which is no evidence for it: {verdict.test.hypothesis}"


def part_chance(part: Part) -> str:
    """A part's p-value, and in brackets what Holm makes of it where that differs."""
    if part.p is None or part.adjusted is None:
        return ""
    if chance(part.p) == chance(part.adjusted):
        return chance(part.p)
    return f"{chance(part.p)} ({chance(part.adjusted).removeprefix('p = ')})"

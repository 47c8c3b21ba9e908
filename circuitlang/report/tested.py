"""P-values as people read them: without an interval, and with what became of the hypothesis."""

from __future__ import annotations

from circuitlang.score.verdict import NullTest, Part, Verdict

# What tables that explore say below their p-values.
CORRECTED = (
    "p turns the interval round and, in brackets, is corrected for their number "
    "(Benjamini and Hochberg); intervals are not"
)


def chance(p: float) -> str:
    """``p = 0.012``; far below any level, a bound."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def outcome_of(test: NullTest) -> str:
    return "rejected" if test.rejected else "not rejected"


def hypothesis_line(verdict: Verdict) -> str:
    """What was tested, in words; empty for what is no test."""
    test = verdict.test
    if test is None:
        return ""
    warning = "" if test.rejected else ", which is no evidence for it"
    return f"{outcome_of(test)}{warning}: {test.hypothesis}"


def part_chance(part: Part) -> str:
    """A part's p-value, and in brackets the corrected one where that differs."""
    if part.p is None or part.adjusted is None:
        return ""
    if chance(part.p) == chance(part.adjusted):
        return chance(part.p)
    return f"{chance(part.p)} ({chance(part.adjusted).removeprefix('p = ')})"

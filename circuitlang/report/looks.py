"""The looks of `verify --decide`: which there were, and what each decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from circuitlang.report.number import confidence
from circuitlang.report.record import Report
from circuitlang.score.verdict import Look, Verdict
from circuitlang.syntax.counted import counted


def looks_lines(report: Report) -> Iterator[str]:
    """A line a look, then one for each claim that was judged at none of them."""
    if not report.looks:
        return
    overall = report.looks[0].overall
    yield f"  looks, declared beforehand, with {overall:.3g} a side to spend over all of them:"
    for look in report.looks:
        yield f"    {_line(report, look)}"
    for name, reason in report.fixed.items():
        yield f"    {name}: judged once, at {report.circuit.policy.examples}: {reason}"


def _line(report: Report, look: Look) -> str:
    start = f"{look.number} of {look.of}: n = {look.examples}, {confidence(look.confidence)}"
    judged, decided = _judged(report, look), _decided(report, look)
    if not judged:
        return f"{start}: not needed"
    told = f"{counted(len(judged), 'claim')} judged, {len(decided)} decided"
    return f"{start}: {told}{': ' if decided else ''}{', '.join(decided)}"


def _judged(report: Report, look: Look) -> list[str]:
    return [v.claim.name for v in report.verdicts if v.look and v.look.number >= look.number]


def _decided(report: Report, look: Look) -> list[str]:
    return [
        v.claim.name
        for v in report.verdicts
        if v.look and v.look.number == look.number and v.judged in ("pass", "fail")
    ]


def looks_json(report: Report) -> list[dict[str, Any]] | None:
    """One object a look that was declared; None where there were none."""
    if not report.looks:
        return None
    return [
        {
            "number": look.number,
            "examples": look.examples,
            "fraction": look.fraction,
            "level": look.level,
            "judged": _judged(report, look),
            "decided": _decided(report, look),
        }
        for look in report.looks
    ]


def claim_looks_json(verdict: Verdict, fixed: Mapping[str, str]) -> dict[str, Any] | None:
    """A claim's last look; None where there were no looks at all."""
    reason = fixed.get(verdict.claim.name)
    if verdict.look is None and reason is None:
        return None
    return {
        "last": None if verdict.look is None else verdict.look.number,
        "p": list(verdict.chances),
        "fixed": reason,
    }

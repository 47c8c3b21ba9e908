"""The p-values of a file's claims, before and after the correction for their number."""

from __future__ import annotations

from collections.abc import Sequence

from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.counted import counted


def family_lines(report: Report) -> Sequence[str]:
    """One line: each claim's p-value, and in brackets what Holm makes of it; none where there is no
    correction."""
    told = [f"{v.claim.name} {_both(v)}" for v in report.verdicts if v.p is not None]
    if report.circuit.policy.family == "none" or not told:
        return ()
    claims = counted(len(report.circuit.claims), "claim")
    return (f"  p (Holm over {claims}): {', '.join(told)}",)


def _both(verdict: Verdict) -> str:
    p, adjusted = _chance(verdict.p or 0.0), _chance(verdict.adjusted or 0.0)
    return p if p == adjusted else f"{p} ({adjusted})"


def _chance(p: float) -> str:
    return "<0.0001" if p < 0.0001 else f"{p:.2g}"

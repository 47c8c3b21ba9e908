"""A ranking of paths, for a person at a terminal."""

from __future__ import annotations

from circuitlang.report.number import duration, show
from circuitlang.report.record import Report
from circuitlang.report.table import aligned, roles_of
from circuitlang.score.verdict import Part


def render_paths(report: Report, top: int | None = None) -> str:
    """Every sender by the size of its effect, the ``top`` ones or all; ends in a line feed."""
    (verdict,) = report.verdicts
    circuit = report.circuit
    lines = [
        f"{report.path}: {circuit.name} on {circuit.model.source}, n = {verdict.n}, "
        f"ablation {circuit.policy.ablation}",
        f"  {verdict.formula}",
        f"  each X alone, signed: below zero where the path helps; F(M) = "
        f"{show(report.inputs['F(M)'], percent=False)}"
        if "F(M)" in report.inputs
        else "",
    ]
    if not verdict.parts:
        return "\n".join([*filter(None, lines), *(f"  {r}" for r in verdict.reasons)]) + "\n"
    ranked = sorted(verdict.parts, key=lambda part: -abs(part.estimate.value))
    shown = ranked[:top]
    rows = [("", "X", "role", "change of F", "F(M∖(X→R))")]
    rows += [
        (
            f"{place:4}",
            part.name,
            roles_of(circuit, part.name),
            show(part.estimate, percent=True),
            ", ".join(show(one, percent=False) for one in part.inputs.values()),
        )
        for place, part in enumerate(shown, start=1)
    ]
    left = len(ranked) - len(shown)
    apart = sum(map(_moves, ranked))
    tail = [
        f"  and {left} more: `--top 0` lists them all" if left else "",
        f"  {apart} of {len(ranked)} intervals exclude zero; they are at "
        f"{verdict.confidence * 100:g}% each, not corrected for their number",
        f"  interval: {verdict.method}; in {duration(report.seconds)}",
    ]
    return "\n".join([*filter(None, lines), "", *aligned(rows), "", *filter(None, tail)]) + "\n"


def _moves(part: Part) -> bool:
    low, high = part.estimate.interval
    return low > 0 or high < 0

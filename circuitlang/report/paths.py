"""A ranking of paths, for a person at a terminal."""

from __future__ import annotations

from circuitlang.report.number import duration, show
from circuitlang.report.record import Report
from circuitlang.report.table import aligned, roles_of
from circuitlang.report.tested import CORRECTED, part_chance


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
    rows = [("", "X", "role", "change of F", "F(M∖(X→R))", "p (corrected)")]
    rows += [
        (
            f"{place:4}",
            part.name,
            roles_of(circuit, part.name),
            show(part.estimate, percent=True),
            ", ".join(show(one, percent=False) for one in part.inputs.values()),
            part_chance(part).removeprefix("p ").removeprefix("= "),
        )
        for place, part in enumerate(shown, start=1)
    ]
    left = len(ranked) - len(shown)
    level = 1 - verdict.confidence
    clear = sum(part.adjusted is not None and part.adjusted <= level for part in ranked)
    tail = [
        f"  and {left} more: `--top 0` lists them all" if left else "",
        f"  {clear} of {len(ranked)} clear at {level:.3g}; {CORRECTED}",
        f"  interval: {verdict.method}; in {duration(report.seconds)}",
    ]
    return "\n".join([*filter(None, lines), "", *aligned(rows), "", *filter(None, tail)]) + "\n"

"""What the gate found, for a person at a terminal, or at the other end of a push."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.report.diff.text import render_difference
from circuitlang.report.gate.record import GONE, Gate, Judged, totals
from circuitlang.syntax.render import render as render_findings
from circuitlang.syntax.render.cells import visible


def gate_to_text(gate: Gate, *, color: bool = False) -> str:
    """A block for each spec that changed, and what it came to; ends in a line feed."""
    blocks = ["".join(_block(one, color)) for one in gate.files]
    return "\n".join([*blocks, f"{totals(gate)}\n"])


def _block(one: Judged, color: bool) -> Iterator[str]:
    path = visible(one.path)
    if one.outcome == "weaker" and one.difference is not None:
        yield render_difference(one.difference, color=color)
    elif one.outcome == "sound":
        said = "new, and sound" if one.difference is None else "changed, and nothing is weaker"
        yield f"{path}: {said}\n"
    if one.change == "gone":
        yield f"{path}: {GONE}\n"
    if one.outcome == "invalid":
        yield render_findings(one.findings, "full", color=color)
    yield from (f"note: {visible(note)}\n" for note in one.notes)

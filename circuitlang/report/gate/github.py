"""What the gate found as workflow commands: GitHub shows each beside its line."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.circuit.difference import Change
from circuitlang.report.diff.text import headed
from circuitlang.report.gate.record import GONE, Gate, Judged, totals
from circuitlang.syntax.render import render as render_findings
from circuitlang.syntax.render.github import command
from circuitlang.syntax.source import NOWHERE, Source


def gate_to_github(gate: Gate) -> str:
    """An annotation for each change that weakens, each deleted spec and each diagnostic of one that
    is invalid; ends with what it came to."""
    return "".join(part for one in gate.files for part in _annotations(one)) + f"{totals(gate)}\n"


def _annotations(one: Judged) -> Iterator[str]:
    source = one.findings.source
    if one.change == "gone":
        yield command("error", source, NOWHERE, "deleted", GONE)
    if one.outcome == "invalid":
        yield render_findings(one.findings, "github")
    for change in one.difference.changes if one.difference else ():
        if "weakens" in change.effects:
            yield _weaker(source, change)
    for note in one.notes:
        yield command("notice", source, NOWHERE, "note", note)


def _weaker(source: Source, change: Change) -> str:
    """At the line as it is now; of what is no longer written, at the first."""
    ((heading, (line,)),) = headed([change])
    values = " → ".join(value or "nothing" for value in (line.before, line.after))
    span = NOWHERE if change.line_after is None else source.line_span(change.line_after)
    return command("error", source, span, f"weaker: {heading}", f"{line.what}: {values}")

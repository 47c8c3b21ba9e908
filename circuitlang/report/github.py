"""Workflow commands: GitHub shows each beside its line in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from circuitlang.report.blocked import Blocked, blocked_line
from circuitlang.report.claim import NO_CLAIMS, headline, noteworthy, remarks
from circuitlang.report.look import Look
from circuitlang.report.record import Report
from circuitlang.report.text import footer
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render as render_findings
from circuitlang.syntax.render.cells import visible
from circuitlang.syntax.render.github import command
from circuitlang.syntax.source import NOWHERE, Source


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """An annotation for each claim that does not simply pass and for each diagnostic, and a line on
    what each spec came to."""
    return "".join(
        part
        for result in results
        for part in (_blocked(result) if isinstance(result, Blocked) else _report(result))
    )


def _blocked(blocked: Blocked) -> Iterator[str]:
    source = blocked.findings.source
    if blocked.outcome == "skipped":
        yield command(
            "notice", _at(blocked.path, source), NOWHERE, "skipped", blocked_line(blocked)
        )
        return
    yield render_findings(blocked.findings, "github")
    yield f"{visible(blocked_line(blocked))}\n"


def _report(report: Report) -> Iterator[str]:
    source = _at(report.path, report.circuit.source)
    yield render_findings(Findings(source, report.warnings), "github")
    if not report.verdicts:
        yield command("error", source, NOWHERE, report.outcome, NO_CLAIMS)
    for verdict in filter(noteworthy, report.verdicts):
        message = "\n".join((headline(verdict), *remarks(verdict)))
        title = f"{verdict.outcome}: {verdict.claim.name}"
        yield command(_level(verdict), source, verdict.claim.span, title, message)
    for one in report.against.fallen if report.against else ():
        assert report.against is not None
        title = f"worse: {one.claim.name}"
        yield command("error", source, one.claim.span, title, report.against.fall(one.claim.name))
    yield f"{footer(report)}: {visible(report.path)}\n"


def _level(verdict: Verdict) -> str:
    if verdict.blocking:
        return "error"
    return "notice" if verdict.outcome in ("pass", "waived") else "warning"


def _at(path: str, source: Source) -> Source:
    """The same text under the path that the report was asked for."""
    return replace(source, name=path)

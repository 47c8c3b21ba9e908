"""Markdown for a comment on a pull request: a table of verdicts, and the evidence folded away.

Names, paths and reasons come from strangers' files. In the table they stand in `code` elements,
with all that Markdown or GitHub would read as markup written as character references; the evidence
is in fences longer than any run of backticks in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from circuitlang.report.blocked import Blocked, blocked_line, blocked_text
from circuitlang.report.claim import NO_CLAIMS, block, estimate, headline, waiver_line, word
from circuitlang.report.look import Look
from circuitlang.report.record import Report
from circuitlang.report.regressions import HEADS, Regressions, cells
from circuitlang.report.text import footer
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render as render_findings
from circuitlang.syntax.render.cells import visible

# GitHub refuses a comment of more than 65,536 characters.
LIMIT = 60_000
_CUT = "\n*The rest is left out here; it is in the other reports.*\n"

_HEADS = ("verdict", "claim", "estimate", "claimed", "n", "measure")
_MARKUP = re.compile(r"[\\`*_\[\]#|~@:$]|(?<=www)\.", re.IGNORECASE)


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """A section a spec. What goes beyond `LIMIT` is cut and the text says so, tables before
    details: all tables come first."""
    heads = [line for result in results for line in _section(result)]
    details = [one for result in results for one in _details(result)]
    shown: list[str] = []
    left = LIMIT - len(_CUT)
    for part in (*heads, *details):
        left -= len(part)
        if left < 0:
            return "".join((*shown, _CUT))
        shown.append(part)
    return "".join(shown)


def _section(result: Report | Blocked) -> Iterator[str]:
    """A heading and a table, one string a row."""
    yield f"\n### circuitlang: {result.outcome}: {_code(result.path)}\n\n"
    if isinstance(result, Blocked):
        yield f"{_code(result.reason)}\n"
        return
    circuit, policy = result.circuit, result.circuit.policy
    yield (
        f"{_code(circuit.name)} on {_code(circuit.model.source)}: {result.examples} examples, "
        f"granularity {policy.granularity}, ablation {_code(str(policy.ablation))}, "
        f"seed {policy.seed}, {policy.confidence * 100:g}% intervals.\n\n"
    )
    if not result.verdicts:
        yield f"{NO_CLAIMS}\n"
        return
    yield _row(_HEADS)
    yield _row("---" for _ in _HEADS)
    for verdict in result.verdicts:
        yield _row(_cells(verdict))
    if result.against is not None:
        yield from _compared(result.against)
    yield f"\n{footer(result)}\n"


def _compared(found: Regressions) -> Iterator[str]:
    yield f"\n{_code(found.title)}\n\n"
    yield _row(HEADS)
    yield _row("---" for _ in HEADS)
    for one in found.regressions:
        finding, *rest = cells(one)
        shown = f"**{finding}**" if one.finding == "worse" else finding
        yield _row((shown, *(_code(cell) if cell else "" for cell in rest)))
    yield from (f"\n{_code(note)}\n" for note in found.notes)


def _cells(verdict: Verdict) -> Iterator[str]:
    found = word(verdict)
    yield found if found == "pass" else f"**{found}**"
    claim = verdict.claim
    yield from map(_code, (claim.name, estimate(verdict), claim.demand))
    yield str(verdict.n)
    yield _code(str(claim.measure))


def _details(result: Report | Blocked) -> Iterator[str]:
    if isinstance(result, Blocked):
        if result.outcome != "skipped":
            yield _folded(_code(blocked_line(result)), blocked_text(result))
        return
    if result.warnings:
        found = render_findings(Findings(result.circuit.source, result.warnings), "full")
        yield _folded(f"warnings in {_code(result.path)}", found)
    # What a reader of a pull request looks for first.
    for verdict in sorted(result.verdicts, key=lambda v: word(v) == "pass"):
        waived = f" (waived {_code(waiver_line(verdict))})" if verdict.outcome == "waived" else ""
        summary = f"<b>{word(verdict)}</b> {_code(headline(verdict).replace('`', ''))}{waived}"
        yield _folded(summary, "\n".join(block(result, verdict)))


def _folded(summary: str, text: str) -> str:
    shown = "\n".join(visible(line) for line in text.rstrip("\n").split("\n"))
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return (
        f"\n<details><summary>{summary}</summary>\n\n{fence}text\n{shown}\n{fence}\n\n</details>\n"
    )


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _code(text: str) -> str:
    """Text of a stranger as it is, on one line."""
    escaped = escape(visible(text), quote=False)
    return f"<code>{_MARKUP.sub(lambda sign: f'&#{ord(sign[0])};', escaped)}</code>"

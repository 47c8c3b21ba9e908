"""Claims on the page, without any markup of its own but the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from circuitlang.circuit.circuit import Claim
from circuitlang.circuit.drawing.markup import Markup
from circuitlang.plan.measures import MEASURES
from circuitlang.report.claim import estimate, word
from circuitlang.report.html.chart import claim_chart, part_bar, parts_axis
from circuitlang.report.html.prompts import Worst, worst
from circuitlang.report.number import number, show
from circuitlang.report.record import Report
from circuitlang.report.table import roles_of
from circuitlang.report.tested import chance, part_chance
from circuitlang.score.verdict import Part, Verdict

PARTS_SHOWN = 500
# A word, and a sign that means the same without colour; what needs looking at comes first.
SIGNS = {
    "invalid": "!",
    "error": "!",
    "fail": "✗",
    "vacuous": "∅",
    "inconclusive": "?",
    "warning": "▲",
    "waived": "≈",
    "pass": "✓",
    "skipped": "–",
    "DIFFER": "≠",
    "UNDECIDED": "?",
    "EQUAL": "=",
    "weakens": "▼",
    "strengthens": "▲",
    "re-measures": "↻",
    "neutral": "·",
    "worse": "▼",
    "undecided": "?",
    "held": "✓",
    "same": "=",
    "not compared": "–",
}


@dataclass(frozen=True)
class Row:
    """A part of a claim's measure, as its table shows it."""

    name: str
    roles: str
    bar: Markup
    value: str
    category: str
    more: str


@dataclass(frozen=True)
class ClaimView:
    id: str
    verdict: Verdict
    word: str
    value: str
    p: str
    chart: Markup
    definition: str
    inputs: Mapping[str, str]
    rows: tuple[Row, ...]
    hidden: int
    worst: tuple[Worst, ...]
    open: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of parts that are not empty throughout."""
        named = ("roles", "category", "more")
        return tuple(name for name in named if any(getattr(row, name) for row in self.rows))

    @property
    def claim(self) -> Claim:
        return self.verdict.claim


def views(report: Report, prefix: str) -> tuple[ClaimView, ...]:
    return tuple(_claim(report, v, f"{prefix}-claim{i}") for i, v in enumerate(report.verdicts))


def by_word(views: Sequence[ClaimView]) -> Mapping[str, Sequence[ClaimView]]:
    """The claims of each verdict; a verdict that none has is left out."""
    found: dict[str, list[ClaimView]] = {}
    for view in views:
        found.setdefault(view.word, []).append(view)
    return found


def _claim(report: Report, verdict: Verdict, name: str) -> ClaimView:
    claim = verdict.claim
    rows = _rows(report, verdict)
    return ClaimView(
        name,
        verdict,
        word(verdict),
        estimate(verdict),
        _chances(verdict),
        claim_chart(verdict, name),
        MEASURES[claim.measure.name].summary,
        {key: show(value, percent=False) for key, value in verdict.inputs.items()},
        rows,
        len(verdict.parts) - len(rows),
        tuple(worst(report, verdict)),
        verdict.outcome in ("fail", "error") or claim.measure.name == "minimality",
    )


def _chances(verdict: Verdict) -> str:
    if verdict.p is None:
        return ""
    alone = chance(verdict.p)
    return alone if verdict.adjusted is None else f"{alone}; Holm {chance(verdict.adjusted)}"


def _rows(report: Report, verdict: Verdict) -> tuple[Row, ...]:
    claim = verdict.claim
    # A test's level is no bound for its parts, which are in the unit of the metric.
    tested = verdict.test is not None
    percent = claim.percent and not tested
    parts = sorted(verdict.parts, key=lambda part: -abs(part.estimate.value))[:PARTS_SHOWN]
    both = not tested and claim.measure.name in ("minimality", "completeness", "strongest_path")
    bounds = [claim.threshold, -claim.threshold] if both else [] if tested else [claim.threshold]
    axis = parts_axis(parts, claim.threshold if both else None)
    inside = [bound for bound in bounds if axis.low <= bound <= axis.high]
    return tuple(
        Row(
            part.name,
            roles_of(report.circuit, part.name),
            part_bar(part, axis, inside, percent=percent),
            show(part.estimate, percent=percent),
            part.category or "",
            _more(part, percent=percent),
        )
        for part in parts
    )


def _more(part: Part, *, percent: bool) -> str:
    told = [f"{key} = {show(value, percent=False)}" for key, value in part.inputs.items()]
    if p := part_chance(part):
        told.insert(0, p)
    if part.members:
        told.append(" ".join(part.members))
    if part.searched is not None:
        told.append(f"{number(part.searched, percent=percent)} on the examples of the search")
    return "; ".join(told)

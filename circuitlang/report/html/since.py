"""Claims beside their evidence on the page: a row a claim, with the change drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from circuitlang.circuit.drawing.markup import Markup
from circuitlang.report.html.chart import interval_chart
from circuitlang.report.number import show
from circuitlang.report.record import Report
from circuitlang.report.regressions import cells
from circuitlang.score.regression import Regression
from circuitlang.score.verdict import Interval


@dataclass(frozen=True)
class Change:
    """A claim beside its evidence; ``cells`` are those of `circuitlang.report.regressions`."""

    finding: str
    cells: tuple[str, ...]
    chart: Markup


def changes(report: Report, prefix: str) -> tuple[Change, ...]:
    """A row a claim; empty where nothing was compared."""
    if report.against is None:
        return ()
    return tuple(
        Change(one.finding, cells(one)[1:], _moved(one, report.against.most, f"{prefix}-change{i}"))
        for i, one in enumerate(report.against.regressions)
    )


def _moved(one: Regression, most: float, name: str) -> Markup:
    """The change with its interval, and shaded what is allowed."""
    if one.change is None:
        return Markup("")
    region = Interval(-most, math.inf) if one.rises else Interval(-math.inf, most)
    title = f"{one.claim.name}: {show(one.change, percent=one.claim.percent)} now less then"
    return interval_chart(one.change, region, title=title, name=name, percent=one.claim.percent)

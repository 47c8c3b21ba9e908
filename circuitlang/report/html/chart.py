"""Pictures of numbers: an interval against its threshold, and a part's bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from circuitlang.circuit.drawing.markup import Markup, element
from circuitlang.report.claim import estimate
from circuitlang.report.html.scale import Scale, scale
from circuitlang.report.number import number
from circuitlang.score.verdict import Interval, Part, Verdict, allowed

WIDTH, HEIGHT, AXIS = 420, 74, 50
BAR_WIDTH, BAR_HEIGHT = 180, 20


def interval_chart(verdict: Verdict, name: str) -> Markup:
    """The estimate and its interval on an axis, the values that the claim permits shaded, random
    circuits as rings; what has no finite number is not drawn. ``name`` begins its ids."""
    claim, region = verdict.claim, allowed(verdict.claim)
    dots = [value for cover in verdict.covers for value in cover.values if math.isfinite(value)]
    axis = scale(_shown(verdict, region, dots), 14, WIDTH - 14)
    return element(
        "svg",
        element("title", _said(verdict, len(dots)), id=f"{name}-title"),
        _region(axis, region),
        _axis(axis, percent=claim.percent),
        (element("circle", cx=axis(x), cy=AXIS - 8, r=3, class_="random") for x in dots),
        _estimate(axis, verdict),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        class_=f"chart {verdict.judged}",
        role="img",
        aria_labelledby=f"{name}-title",
    )


def _shown(verdict: Verdict, region: Interval, dots: Sequence[float]) -> Iterator[float]:
    yield from region
    yield from dots
    if verdict.claim.percent:
        yield 0.0
    if verdict.estimate is not None:
        yield verdict.estimate.value
        yield from verdict.estimate.interval


def _said(verdict: Verdict, dots: int) -> str:
    claim, found = verdict.claim, estimate(verdict)
    others = f"; {dots} random circuits for comparison" if dots else ""
    return f"{claim.name}: {found}, claimed {claim.demand}{others}"


def _region(axis: Scale, region: Interval) -> Iterator[Markup]:
    left, right = axis(region.low), axis(region.high)
    yield element("rect", x=left, y=6, width=right - left, height=AXIS - 6, class_="allowed")
    for bound in region:
        if math.isfinite(bound):
            yield element("line", x1=axis(bound), x2=axis(bound), y1=4, y2=AXIS, class_="bound")


def _axis(axis: Scale, *, percent: bool) -> Iterator[Markup]:
    yield element("line", x1=axis.left, x2=axis.right, y1=AXIS, y2=AXIS, class_="axis")
    for tick in axis.ticks():
        x = axis(tick)
        yield element("line", x1=x, x2=x, y1=AXIS, y2=AXIS + 4, class_="axis")
        text = f"{tick * 100:.10g}%" if percent else f"{tick:.10g}"
        yield element("text", text.replace("-", "−"), x=x, y=AXIS + 18)


def _estimate(axis: Scale, verdict: Verdict) -> Iterator[Markup]:
    if verdict.estimate is None or not math.isfinite(verdict.estimate.value):
        return
    value, (low, high) = verdict.estimate
    y = 23
    left, right = axis(low), axis(high)
    if verdict.test is None:
        yield element("line", x1=left, x2=right, y1=y, y2=y, class_="interval")
    for end, x in ((low, left), (high, right)):
        if math.isfinite(end) and verdict.test is None:
            yield element("line", x1=x, x2=x, y1=y - 8, y2=y + 8, class_="interval")
    x = axis(value)
    yield element("path", d=f"M{x:.2f} {y - 6}l5 6l-5 6l-5 -6z", class_="estimate")


def parts_axis(parts: Sequence[Part], bound: float | None) -> Scale:
    """One axis for the bars of all parts; zero is on it, and the claimed bound on either side."""
    values = [0.0] if bound is None else [0.0, bound, -bound]
    for part in parts:
        values += [part.estimate.value, *part.estimate.interval]
    return scale(values, 4, BAR_WIDTH - 4, pad=0.03)


def part_bar(part: Part, axis: Scale, bounds: Sequence[float], *, percent: bool) -> Markup:
    """A bar from zero to the part's value, its interval as a line, the bounds as ticks."""
    value, interval = part.estimate
    zero, x, middle = axis(0.0), axis(value), BAR_HEIGHT / 2
    shapes = [element("line", x1=zero, x2=zero, y1=0, y2=BAR_HEIGHT, class_="axis")]
    shapes += [
        element("line", x1=axis(b), x2=axis(b), y1=0, y2=BAR_HEIGHT, class_="bound") for b in bounds
    ]
    if math.isfinite(value):
        left, width = min(zero, x), abs(x - zero)
        kind = (part.category or "plain").replace(" ", "-")
        shapes += [
            element("rect", x=left, y=5, width=width, height=BAR_HEIGHT - 10, class_=f"bar {kind}"),
            element(
                "line",
                x1=axis(interval.low),
                x2=axis(interval.high),
                y1=middle,
                y2=middle,
                class_="interval",
            ),
        ]
    return element(
        "svg",
        *shapes,
        viewBox=f"0 0 {BAR_WIDTH} {BAR_HEIGHT}",
        width=BAR_WIDTH,
        height=BAR_HEIGHT,
        class_="chart",
        role="img",
        aria_label=f"{part.name or 'value'}: {number(value, percent=percent)}",
    )

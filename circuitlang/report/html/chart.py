"""Pictures of numbers: an interval against its threshold, and a part's bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from circuitlang.circuit.drawing.markup import Markup, element
from circuitlang.report.claim import estimate
from circuitlang.report.html.scale import Scale, scale
from circuitlang.report.number import number
from circuitlang.score.verdict import Interval, Measured, Part, Verdict, allowed

WIDTH, HEIGHT, AXIS = 420, 74, 50
BAR_WIDTH, BAR_HEIGHT = 180, 20


def claim_chart(verdict: Verdict, name: str) -> Markup:
    """A claim's estimate against what the claim permits, random circuits as rings. ``name`` begins
    its ids."""
    claim = verdict.claim
    dots = [value for cover in verdict.covers for value in cover.values if math.isfinite(value)]
    others = f"; {len(dots)} random circuits for comparison" if dots else ""
    return interval_chart(
        verdict.estimate,
        allowed(claim),
        title=f"{claim.name}: {estimate(verdict)}, claimed {claim.demand}{others}",
        name=name,
        percent=claim.percent,
        dots=dots,
        # A p-value has no interval of its own.
        whiskers=verdict.test is None,
    )


def interval_chart(
    found: Measured | None,
    region: Interval,
    *,
    title: str,
    name: str,
    percent: bool,
    dots: Sequence[float] = (),
    whiskers: bool = True,
) -> Markup:
    """An estimate and, with ``whiskers``, its interval on an axis, with ``region`` shaded and
    ``dots`` beside it; what is not finite is not drawn. An axis of shares has zero on it."""
    values = [*region, *dots, *([0.0] if percent else [])]
    if found is not None:
        values += [found.value, *found.interval]
    axis = scale(values, 14, WIDTH - 14)
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        _region(axis, region),
        _axis(axis, percent=percent),
        (element("circle", cx=axis(x), cy=AXIS - 8, r=3, class_="random") for x in dots),
        _estimate(axis, found, whiskers=whiskers),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        class_="chart",
        role="img",
        aria_labelledby=f"{name}-title",
    )


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


def _estimate(axis: Scale, found: Measured | None, *, whiskers: bool) -> Iterator[Markup]:
    if found is None or not math.isfinite(found.value):
        return
    value, (low, high) = found
    y = 23
    left, right = axis(low), axis(high)
    if whiskers:
        yield element("line", x1=left, x2=right, y1=y, y2=y, class_="interval")
        for end, x in ((low, left), (high, right)):
            if math.isfinite(end):
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

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitlang.report.html.chart import claim_chart
from circuitlang.report.html.scale import scale
from circuitlang.score.verdict import Interval, Measured, Verdict
from tests.plan.circuits import claim

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


def verdict(text: str, comparator: str, value: float, low: float, high: float) -> Verdict:
    one = claim("metric(of=circuit)", comparator, float(text), name="c")  # type: ignore[arg-type]
    return Verdict(one, "pass", "pass", "f", estimate=Measured(value, Interval(low, high)))


def attribute(svg: str, element: str, name: str) -> float:
    match = re.search(rf'<{element}[^>]* {name}="([^"]+)"', svg)
    assert match is not None
    return float(match[1])


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_an_axis_shows_all_values_in_order_with_a_few_round_ticks(values: list[float]) -> None:
    axis = scale(values, 10.0, 400.0)
    pixels = [axis(value) for value in sorted(values)]
    assert pixels == sorted(pixels)
    assert all(10 <= x <= 400 for x in pixels)
    assert 1 <= len(axis.ticks()) <= 7


def test_a_number_beyond_the_axis_stands_at_its_end() -> None:
    axis = scale([0.0, 1.0], 0.0, 100.0)
    assert axis(math.inf) == 100
    assert axis(-math.inf) == 0


def test_the_region_that_passes_begins_at_the_threshold() -> None:
    svg = claim_chart(verdict("2", ">=", 3, 2.5, 3.5), "x")
    bound = re.search(r'<line x1="([0-9.]+)"[^>]*class="bound"', svg)
    assert bound is not None
    assert attribute(svg, "rect", "x") == float(bound[1])
    # The whole interval of a claim that passes lies inside.
    lines = re.findall(r'<line x1="([0-9.]+)" x2="([0-9.]+)"[^>]*class="interval"', svg)
    assert all(float(x) >= float(bound[1]) for pair in lines for x in pair)


@pytest.mark.parametrize("comparator", [">=", "<="])
def test_the_region_reaches_the_end_of_the_axis(comparator: str) -> None:
    svg = claim_chart(verdict("2", comparator, 3, 1, 4), "x")
    left, width = attribute(svg, "rect", "x"), attribute(svg, "rect", "width")
    axis = re.search(r'<line x1="([0-9.]+)" x2="([0-9.]+)"[^>]*class="axis"', svg)
    assert axis is not None
    end = left + width if comparator == ">=" else left
    assert end == pytest.approx(float(axis[2] if comparator == ">=" else axis[1]), abs=0.02)


def test_what_is_no_number_is_not_drawn() -> None:
    unbounded = claim_chart(verdict("2", ">=", 3, -math.inf, math.inf), "x")
    assert "nan" not in unbounded.lower()
    assert "inf" not in unbounded.replace("interval", "").lower()
    missing = claim_chart(verdict("2", ">=", math.nan, math.nan, math.nan), "x")
    assert 'class="estimate"' not in missing
    assert ">nan<" not in missing

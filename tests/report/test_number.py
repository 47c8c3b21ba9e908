from __future__ import annotations

import math

import pytest

from circuitlang.report.number import confidence, duration, number, show
from circuitlang.report.table import aligned
from circuitlang.score.verdict import Interval, Measured


@pytest.mark.parametrize(
    ("value", "low", "high", "percent", "text"),
    [
        (0.713, 0.689, 0.7361, True, "71.3% [68.9, 73.6]"),
        (0.011, 0.004, 0.021, True, "1.10% [0.40, 2.10]"),
        (3.3024, 3.1, 3.5, False, "3.302 [3.100, 3.500]"),
        (0.00012, 0.00010, 0.00014, False, "0.000120 [0.000100, 0.000140]"),
        (-0.00001, -0.2, 0.2, True, "0.0% [-20.0, 20.0]"),
        (0.0, 0.0, 0.0, False, "0.0 [0.0, 0.0]"),
        (1.0, -math.inf, math.inf, False, "1.000 [unbounded]"),
        (1.2e-9, 0.0, 3.4e-9, False, "1.20e-09 [0.00e+00, 3.40e-09]"),
    ],
)
def test_an_interval_has_the_digits_of_its_estimate(
    value: float, low: float, high: float, percent: bool, text: str
) -> None:
    assert show(Measured(value, Interval(low, high)), percent=percent) == text


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "not a number"), (-math.inf, "-inf"), (0.25, "0.250")]
)
def test_single_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (75, "1 min 15 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_columns_line_up_under_wide_and_combining_characters() -> None:
    assert aligned([("é", "x"), ("漢", "x"), ("abc", "x")]) == ["é    x", "漢   x", "abc  x"]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (0.5, "50%"),
        (0.95, "95%"),
        (0.999, "99.9%"),
        (0.951, "95.1%"),
        (1 - 1.5e-5, "99.9985%"),
        (1 - 4.6e-10, "99.999999954%"),
    ],
)
def test_a_confidence_is_never_rounded_to_certainty(level: float, expected: str) -> None:
    assert confidence(level) == expected

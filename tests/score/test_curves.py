from __future__ import annotations

import math
from fractions import Fraction

import pytest

from circuitlang.score.curves import GRID, cmd, cpr

NOTHING_UP_TO_HALF = [0.0] * 9 + [1.0]


def by_hand(values: list[float]) -> float:
    """Trapezoids in exact fractions."""
    ks = [Fraction(str(k)) for k in GRID]
    fs = [Fraction(f) for f in values]
    pieces = zip(ks, ks[1:], fs, fs[1:], strict=False)
    return float(sum((b - a) * (f + g) / 2 for a, b, f, g in pieces))


def test_the_grid_is_mibs_and_has_no_point_at_zero() -> None:
    assert GRID == (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("curve", "ratio", "distance"),
    [
        ([1.0] * 10, 0.999, 0.0),
        (NOTHING_UP_TO_HALF, 0.25, 0.749),
        ([0.0] * 10, 0.0, 0.999),
        (list(GRID), 0.4999995, 0.4990005),
        ([1.5] * 10, 1.4985, 0.4995),
        ([-1.0] * 10, -0.999, 1.998),
        ([0.0] * 7 + [1.0] * 3, 0.85, 0.149),
    ],
    ids=["perfect", "random", "nothing", "linear", "overshoot", "reversed", "step"],
)
def test_constructed_curves(curve: list[float], ratio: float, distance: float) -> None:
    assert cpr(curve) == pytest.approx(ratio, abs=1e-12)
    assert cmd(curve) == pytest.approx(distance, abs=1e-12)


def test_any_curve_by_hand() -> None:
    curve = [0.02, 0.11, 0.35, 0.6, 0.9, 1.2, 1.1, 0.97, 1.05, 1.0]
    assert cpr(curve) == pytest.approx(by_hand(curve), abs=1e-12)
    assert cmd(curve) == pytest.approx(by_hand([abs(1 - f) for f in curve]), abs=1e-12)


def test_crossing_the_model_between_two_sizes_is_no_credit() -> None:
    assert cmd([0.0] * 9 + [2.0]) == pytest.approx(0.999)


def test_below_the_model_the_two_add_up() -> None:
    assert cpr(NOTHING_UP_TO_HALF) + cmd(NOTHING_UP_TO_HALF) == pytest.approx(0.999)


@pytest.mark.parametrize(
    ("curve", "grid"),
    [
        ([1.0] * 9, GRID),
        ([1.0] * 9 + [math.nan], GRID),
        ([1.0], (1.0,)),
        ([1.0, 1.0], (0.0, 1.0)),
        ([1.0, 1.0], (0.5, 0.5)),
        ([1.0, 1.0], (0.5, 1.5)),
    ],
)
def test_what_is_no_curve_is_refused(curve: list[float], grid: tuple[float, ...]) -> None:
    for area in (cpr, cmd):
        with pytest.raises(ValueError, match=r"number|sizes"):
            area(curve, grid)

"""Boundaries against published ones, against simulated Brownian motion, and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from circuitlang.plan.looks import spent
from circuitlang.score.spending import (
    boundaries,
    crossing,
    nominal_levels,
    sequential_p,
)

LEVELS = st.floats(1e-6, 0.29)


def equally_spaced(looks: int) -> tuple[float, ...]:
    return tuple((k + 1) / looks for k in range(looks))


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        # Lan-DeMets bounds at a one-sided 0.025, as the landem program of Reboussin et al. (2000)
        # and the books on group-sequential trials print them.
        (2, (2.963, 1.969)),
        (3, (3.710, 2.511, 1.993)),
        (4, (4.333, 2.963, 2.359, 2.014)),
        (5, (4.877, 3.357, 2.680, 2.290, 2.031)),
    ],
)
def test_the_published_boundaries(looks: int, published: tuple[float, ...]) -> None:
    found = boundaries(0.025, equally_spaced(looks))
    assert found == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize(("looks", "pocock", "fleming"), [(2, 2.178, 1.977), (5, 2.413, 2.040)])
def test_the_constants_of_pocock_and_of_o_brien_and_fleming_spend_their_level(
    looks: int, pocock: float, fleming: float
) -> None:
    fractions = equally_spaced(looks)
    assert sum(crossing((pocock,) * looks, fractions)) == pytest.approx(0.025, abs=5e-5)
    falling = [fleming / math.sqrt(t) for t in fractions]
    assert sum(crossing(falling, fractions)) == pytest.approx(0.025, abs=5e-5)


def test_one_look_is_an_ordinary_test() -> None:
    assert nominal_levels(0.025, (1.0,)) == pytest.approx((0.025,), abs=1e-12)
    assert sequential_p([0.4], (1.0,)) == 0.4


@pytest.mark.parametrize("fractions", [(0.125, 0.25, 0.5, 1.0), (0.3, 0.35, 1.0)])
def test_a_simulated_brownian_motion_crosses_as_often_as_was_planned(
    fractions: tuple[float, ...],
) -> None:
    rng, paths, level = np.random.default_rng(3), 400_000, 0.1
    steps = np.diff((0.0, *fractions))
    walk = np.cumsum(rng.normal(0, np.sqrt(steps), (paths, len(steps))), axis=1)
    over = walk / np.sqrt(fractions) >= boundaries(level, fractions)
    by_look = np.cumsum(np.bincount(over.argmax(axis=1)[over.any(axis=1)], minlength=len(steps)))
    for crossed, fraction in zip(by_look / paths, fractions, strict=True):
        expected = spent(level, fraction)
        assert crossed == pytest.approx(expected, abs=4 * math.sqrt(expected / paths) + 1e-9)


@given(LEVELS, st.lists(st.floats(0.05, 0.95), min_size=1, max_size=5, unique=True))
@settings(deadline=None, max_examples=25)
def test_what_is_crossed_is_what_was_spent(level: float, early: list[float]) -> None:
    fractions = (*(t for t in sorted(early)), 1.0)
    found = crossing(boundaries(level, fractions), fractions)
    spending = np.diff([0.0, *(spent(level, t) for t in fractions)])
    assert found == pytest.approx(spending, rel=1e-6, abs=1e-15)
    assert sum(found) == pytest.approx(level, rel=1e-6)


@given(LEVELS, LEVELS)
@settings(deadline=None, max_examples=25)
def test_a_higher_level_is_nowhere_harder_to_reach(one: float, other: float) -> None:
    fractions = (0.1, 0.2, 0.4, 0.8, 1.0)
    hard, easy = (boundaries(level, fractions) for level in sorted((one, other)))
    assert all(a >= b - 1e-9 for a, b in zip(hard, easy, strict=True))


@pytest.mark.parametrize("taken", [1, 2, 3, 4])
@pytest.mark.parametrize("level", [0.001, 0.025, 0.2])
def test_the_sequential_p_of_a_bound_that_is_just_reached_is_the_level(
    taken: int, level: float
) -> None:
    fractions = (0.125, 0.25, 0.5, 1.0)
    nominal = nominal_levels(level, fractions)[taken - 1]
    assert sequential_p([*[0.5] * (taken - 1), nominal], fractions) == pytest.approx(level)


def test_a_later_look_makes_no_sequential_p_worse() -> None:
    fractions, chances = (0.25, 0.5, 1.0), (0.001, 0.4, 0.03)
    found = [sequential_p(chances[: k + 1], fractions) for k in range(3)]
    assert found == sorted(found, reverse=True)
    assert min(chances) <= found[-1] <= 1


def test_far_from_any_evidence_a_sequential_p_is_one_and_beyond_doubt_it_is_zero() -> None:
    assert sequential_p([0.9, 0.8], (0.5, 1.0)) == 1
    assert sequential_p([0.9, 0.0], (0.5, 1.0)) == 0


def test_sequential_p_values_are_uniform_or_larger_under_the_null() -> None:
    rng, fractions = np.random.default_rng(11), (0.5, 1.0)
    walk = np.cumsum(rng.normal(0, math.sqrt(0.5), (1500, 2)), axis=1) / np.sqrt(fractions)
    found = np.array([sequential_p(tuple(stats.norm.sf(z)), fractions) for z in walk])
    for level in (0.05, 0.2):
        share = float((found <= level).mean())
        assert share <= level + 3 * math.sqrt(level * (1 - level) / len(found))
        assert share >= level - 4 * math.sqrt(level * (1 - level) / len(found))

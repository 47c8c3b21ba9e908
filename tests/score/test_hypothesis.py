from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitlang.plan.hypothesis import fewest, least_p
from circuitlang.score.hypothesis import equivalence, less_often, more_often
from circuitlang.score.judge import judge
from tests.plan.circuits import circuit, claim, observe


def by_hand(wins: int, n: int) -> float:
    """Shi et al.'s sum in exact fractions."""
    distance = abs(Fraction(wins, n) - Fraction(1, 2))
    return float(
        sum(
            comb(n, k) * Fraction(3, 5) ** k * Fraction(2, 5) ** (n - k)
            for k in range(n + 1)
            if abs(Fraction(k, n) - Fraction(1, 2)) >= distance
        )
    )


def scores(wins: int, n: int, size: float = 1.0) -> tuple[list[float], list[float]]:
    """Circuit and model on n prompts, the circuit ahead on some; by how much hardly matters."""
    model = [3.0 + 0.01 * i for i in range(n)]
    return [m + (50.0 if i < wins else -size) for i, m in enumerate(model)], model


@pytest.mark.parametrize(("wins", "published"), [(24, 5.6e-4), (40, 0.543)])
def test_the_published_p_values(wins: int, published: float) -> None:
    found = equivalence(*scores(wins, 100))
    assert found.p == pytest.approx(published, rel=0.01)
    assert found.p == pytest.approx(by_hand(wins, 100))


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_every_count_by_hand(counts: tuple[int, int]) -> None:
    found = equivalence(*scores(*counts))
    assert (found.wins, found.n) == counts
    assert found.p == pytest.approx(by_hand(*counts))
    assert found.least <= found.p * (1 + 1e-12)


def test_the_share_counts_and_not_the_mean() -> None:
    circuit_scores, model = scores(10, 100)
    assert np.mean(circuit_scores) > np.mean(model)
    assert equivalence(circuit_scores, model).p < 1e-6


def test_ties_are_left_out() -> None:
    kept, model = scores(24, 100)
    tied = equivalence([*kept, *model], [*model, *model])
    assert tied == equivalence(kept, model)
    nearly = [m * (1 + 1e-7) for m in model]
    assert (equivalence(nearly, model).p, equivalence(nearly, model).n) == (1.0, 0)


@pytest.mark.parametrize(
    ("wins", "n", "comparator", "expected"),
    [
        (50, 100, ">=", "pass"),
        (24, 100, ">=", "fail"),
        (24, 100, "<=", "pass"),
        (50, 100, "<=", "fail"),
        (0, 5, ">=", "inconclusive"),
        (0, 5, "<=", "inconclusive"),
    ],
)
def test_the_p_value_decides(wins: int, n: int, comparator: str, expected: str) -> None:
    asked = claim("equivalence()", comparator, 0.05)  # type: ignore[arg-type]
    hypothesis = circuit(asked)
    kept, model = scores(wins, n)
    found = judge(hypothesis, asked, observe(hypothesis, {"C": kept, "M": model}))
    assert found.outcome == expected
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(by_hand(wins, n))
    assert found.worst == ()
    # A rejection may be luck, and has its place in the family; not rejecting vouches for nothing.
    assert found.p == (found.estimate.value if comparator == "<=" else None)
    assert found.test is not None
    assert found.test.rejected == (by_hand(wins, n) <= 0.05)


def shares(counts: range, n: int) -> float:
    return float(
        sum(comb(n, k) * Fraction(9, 10) ** k * Fraction(1, 10) ** (n - k) for k in counts)
    )


@given(st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_shares_of_nine_in_ten_by_hand(counts: tuple[int, int]) -> None:
    wins, n = counts
    assert more_often(wins, n) == pytest.approx(shares(range(wins, n + 1), n))
    assert less_often(wins, n) == pytest.approx(shares(range(wins + 1), n))


def test_29_random_circuits_are_the_least_that_can_reject_at_5_percent() -> None:
    assert more_often(28, 28) > 0.05 >= more_often(29, 29)
    assert fewest(0.05) == 29
    assert least_p(29) == pytest.approx(more_often(29, 29))
    assert [fewest(0.9**n * 1.0001) for n in (5, 50, 500)] == [5, 50, 500]

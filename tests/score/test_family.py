from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from circuitlang.circuit.circuit import Ablation, Claim, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.estimate import estimate
from circuitlang.score.family import benjamini_hochberg, holm, in_family
from circuitlang.score.score import score
from circuitlang.score.verdict import Outcome, Verdict, allowed
from tests.plan.circuits import circuit, claim, observe

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_benjamini_and_hochberg_by_hand() -> None:
    """p_(i) m / i, each at most those of the larger p-values."""
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 4 / 75, 4 / 75, 0.5])
    assert benjamini_hochberg([]) == ()


def test_claims_that_were_not_asked_for_count() -> None:
    assert holm([0.01, 0.04], size=4) == pytest.approx((0.04, 0.12))


@given(CHANCES)
def test_holm_lies_between_no_correction_and_bonferroni(chances: list[float]) -> None:
    for p, adjusted in zip(chances, holm(chances), strict=True):
        assert p <= adjusted <= min(1.0, len(chances) * p)


@given(CHANCES)
def test_holm_keeps_the_order(chances: list[float]) -> None:
    adjusted = holm(chances)
    ranked = sorted(range(len(chances)), key=lambda i: chances[i])
    assert [adjusted[i] for i in ranked] == sorted(adjusted)


def of(p: float | None, outcome: Outcome = "pass") -> Verdict:
    asked = claim("metric(of=model)")
    return Verdict(asked, outcome, outcome, formula="F(M)", p=p)


def test_a_pass_that_its_family_does_not_bear_out_is_inconclusive() -> None:
    sure, near, lost = in_family([of(0.0001), of(0.02), of(None, "error")], 3)
    assert (sure.outcome, near.outcome, lost.outcome) == ("pass", "inconclusive", "error")
    assert near.adjusted == pytest.approx(0.04)
    assert near.reasons == (
        "p = 0.02; as one of 3 claims that is 0.04, above 0.025: "
        "about 1.2 times as much data would decide it",
    )


def test_of_claims_that_were_left_out_it_says_so() -> None:
    (near,) = in_family([of(0.02)], 3)
    assert near.outcome == "inconclusive"
    assert near.reasons == (
        "p = 0.02; as one of 3 claims, 2 of them left out and counted as p = 1, that is 0.06, "
        "above 0.025: about 1.4 times as much data would decide it; verified with all claims of "
        "the file it may pass as it is",
    )


@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "vacuous"])
def test_a_family_changes_nothing_but_passes(outcome: Outcome) -> None:
    (found,) = in_family([of(0.5, outcome)], 9)
    assert (found.outcome, found.reasons) == (outcome, ())


def near_the_bound() -> list[float]:
    """64 examples whose mean lies 2.2 standard errors above 1."""
    x = np.random.default_rng(5).normal(0, 1, 64)
    return list((x - x.mean()) / x.std(ddof=1) + 1 + 2.2 / 8)


@pytest.mark.parametrize(
    ("claims", "family", "expected"),
    [(1, "holm", "pass"), (2, "holm", "inconclusive"), (2, "none", "pass")],
)
def test_a_second_claim_asks_more_of_the_first(claims: int, family: str, expected: str) -> None:
    near = claim("metric(of=model)", ">=", 1.0, name="near")
    other = replace(near, name="other", threshold=50.0)
    observed = observe(circuit(near), {"metric": near_the_bound()})
    hypothesis = circuit(*(near, other)[:claims], family=family)
    found = score(hypothesis, observed, date(2026, 12, 1), only=["near"])[0]
    assert found.outcome == expected
    assert found.p == pytest.approx(stats.t.sf(2.2, 63), abs=0.006)


POLICY = Policy("nodes", Ablation("zero"), resamples=400)
MEAN = Statistic({"": mean("x")})


def family_errors(family: bool, nulls: int, truths: int, trials: int) -> float:
    """How often one or more claims that sit on their bound pass, beside some that hold."""
    asked = claim("metric(of=model)", ">=", 0.0)
    return sum(_errs(asked, family, nulls, truths, trial) for trial in range(trials)) / trials


def _errs(asked: Claim, family: bool, nulls: int, truths: int, trial: int) -> bool:
    rng = np.random.default_rng((71, trial))
    shared = rng.normal(0, 1, 60)
    found = []
    for centre in [0.0] * nulls + [1.5] * truths:
        x = list(0.5 * shared + rng.normal(centre, 1, 60))
        one = estimate(MEAN, {"x": x}, ["t"] * 60, POLICY, 0.0, allowed(asked))
        assert one.estimate is not None
        passes = one.estimate.interval.low >= 0
        found.append(of(one.p, "pass" if passes else "inconclusive"))
    judged = in_family(found, len(found)) if family else tuple(found)
    assert all(verdict.outcome == "pass" for verdict in judged[nulls:])
    return any(verdict.outcome == "pass" for verdict in judged[:nulls])


# Of 400 families, a share of 2.5 % has a standard error of 0.8 points; the bound is at three.
def test_a_family_rarely_passes_a_claim_that_does_not_hold() -> None:
    assert family_errors(True, nulls=4, truths=2, trials=400) <= 0.025 + 3 * 0.008


def test_without_correction_it_would() -> None:
    assert family_errors(False, nulls=4, truths=2, trials=400) > 0.06

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Claim, Member, Role
from circuitlang.circuit.names import mlp
from circuitlang.score.judge import MIN_EXAMPLES, decide, judge
from circuitlang.score.verdict import Interval, Verdict, allowed
from tests.plan.circuits import S, circuit, claim, observe

N = 64
METRIC = claim("metric(of=model)", name="m")
numbers = st.floats(-10, 10)
intervals = st.tuples(numbers, numbers).map(lambda pair: Interval(min(pair), max(pair)))


def around(centre: float, spread: float = 1.0, seed: int = 0, n: int = N) -> list[float]:
    """n numbers with exactly this mean and standard deviation."""
    x = np.random.default_rng(seed).normal(0, 1, n)
    return list((x - x.mean()) / x.std() * spread + centre)


def verdict(
    asked: Claim, values: dict[str, list[float]], clusters: list[str] | None = None
) -> Verdict:
    hypothesis = circuit(asked)
    return judge(hypothesis, asked, observe(hypothesis, values, clusters))


@pytest.mark.parametrize(
    ("interval", "comparator", "expected"),
    [
        ((0.80, 0.90), ">=", "pass"),
        ((0.79, 0.90), ">=", "inconclusive"),
        ((0.70, 0.80), ">=", "inconclusive"),
        ((0.70, 0.79), ">=", "fail"),
        ((0.70, 0.80), "<=", "pass"),
        ((0.70, 0.81), "<=", "inconclusive"),
        ((0.81, 0.90), "<=", "fail"),
        ((0.75, 0.85), "~=", "pass"),
        ((0.74, 0.80), "~=", "inconclusive"),
        ((0.70, 0.90), "~=", "inconclusive"),
        ((0.60, 0.74), "~=", "fail"),
        ((0.86, 0.90), "~=", "fail"),
    ],
)
def test_the_whole_interval_decides(
    interval: tuple[float, float], comparator: str, expected: str
) -> None:
    asked = replace(METRIC, comparator=comparator, threshold=0.8, tolerance=0.05)  # type: ignore[arg-type]
    assert decide(asked, Interval(*interval)) == expected


@given(intervals, numbers)
def test_turning_sign_and_comparator_changes_nothing(interval: Interval, bound: float) -> None:
    at_least = replace(METRIC, comparator=">=", threshold=bound)
    at_most = replace(METRIC, comparator="<=", threshold=-bound)
    assert decide(at_least, interval) == decide(at_most, Interval(-interval.high, -interval.low))


@given(intervals, numbers)
def test_a_claim_and_its_opposite_never_both_fail(interval: Interval, bound: float) -> None:
    outcomes = {
        decide(replace(METRIC, comparator=c, threshold=bound), interval) for c in (">=", "<=")
    }
    assert outcomes in ({"pass", "fail"}, {"inconclusive"}, {"pass", "inconclusive"}, {"pass"})


@given(intervals, numbers, st.floats(0.01, 5))
def test_nearness_is_two_bounds_at_once(
    interval: Interval, centre: float, tolerance: float
) -> None:
    near = replace(METRIC, comparator="~=", threshold=centre, tolerance=tolerance)
    low, high = allowed(near)
    one_sided = [
        decide(replace(METRIC, comparator=">=", threshold=low), interval),
        decide(replace(METRIC, comparator="<=", threshold=high), interval),
    ]
    assert (decide(near, interval) == "pass") == (one_sided == ["pass", "pass"])
    assert (decide(near, interval) == "fail") == ("fail" in one_sided)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=MIN_EXAMPLES, max_size=30), st.integers(0, 9))
def test_the_interval_holds_the_estimate(values: list[float], seed: int) -> None:
    hypothesis = circuit(METRIC, seed=seed, resamples=100, confidence=0.5)
    found = judge(hypothesis, METRIC, observe(hypothesis, {"metric": values})).estimate
    assert found is not None
    assert found.value in found.interval


@pytest.mark.parametrize(("bound", "expected"), [(-100.0, "pass"), (100.0, "fail")])
def test_bounds_far_away_are_decided(bound: float, expected: str) -> None:
    found = verdict(replace(METRIC, threshold=bound), {"metric": around(3.0)})
    assert found.outcome == expected
    assert found.reasons == ()


@pytest.mark.parametrize("templates", [1, 3, 10])
def test_the_order_of_examples_does_not_matter(templates: int) -> None:
    values = around(3.0)
    clusters = [f"t{i % templates}" for i in range(N)]
    order = np.random.default_rng(1).permutation(N)
    shuffled = [values[i] for i in order]
    first = verdict(METRIC, {"metric": values}, clusters).estimate
    second = verdict(METRIC, {"metric": shuffled}, [clusters[i] for i in order]).estimate
    assert first is not None
    assert second is not None
    assert first.value == second.value
    width = first.interval.high - first.interval.low
    # Templates drawn whole do not depend on order at all; examples do by Monte Carlo error.
    assert first.interval == pytest.approx(
        second.interval, abs=1e-9 if templates > 8 else width / 8
    )


def test_an_unsure_claim_says_how_many_examples_would_decide() -> None:
    # The half-width is 1.96 · 1 / 8, five times the distance: 25 times as many examples.
    found = verdict(replace(METRIC, threshold=3.0 - 0.049), {"metric": around(3.0)})
    assert found.outcome == "inconclusive"
    (reason,) = found.reasons
    needed = int(reason.split()[1].replace(",", ""))
    assert needed == pytest.approx(25 * N, rel=0.2)
    assert "examples" in reason


def test_templates_are_counted_where_they_are_what_is_resampled() -> None:
    clusters = [f"t{i % 16}" for i in range(N)]
    found = verdict(replace(METRIC, threshold=2.9), {"metric": around(3.0)}, clusters)
    assert "templates would decide it, at 16 now" in found.reasons[0]


def test_an_estimate_on_the_bound_is_not_helped_by_more() -> None:
    found = verdict(replace(METRIC, threshold=3.0), {"metric": around(3.0, seed=2)})
    assert found.outcome == "inconclusive"
    assert "sits on the bound" in found.reasons[0]


def test_few_examples_are_inconclusive_whatever_they_say() -> None:
    found = verdict(replace(METRIC, threshold=-100), {"metric": [3.0] * (MIN_EXAMPLES - 1)})
    assert (found.outcome, found.estimate) == ("inconclusive", None)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_an_error(bad: float) -> None:
    values = around(3.0)
    values[7] = bad
    found = verdict(METRIC, {"metric": values})
    assert (found.outcome, found.estimate) == ("error", None)
    assert "1 of 64 examples, first on example 7" in found.reasons[0]


def test_what_was_not_measured_is_an_error() -> None:
    found = judge(circuit(METRIC), METRIC, {})
    assert found.outcome == "error"
    assert "not measured: metric" in found.reasons[0]


def test_faithfulness_by_hand() -> None:
    asked = claim("faithfulness(as=normalized)", ">=", 0.8, percent=True)
    model = around(4.0, seed=1)
    kept = [0.9 * m + 0.1 for m in model]
    found = verdict(asked, {"M": model, "C": kept, "∅": [1.0] * N})
    assert found.outcome == "pass"
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx((0.9 * 4 + 0.1 - 1) / 3)
    assert {k: round(v.value, 6) for k, v in found.inputs.items()} == {
        "F(M)": 4.0,
        "F(C)": 3.7,
        "F(∅)": 1.0,
    }
    assert (found.n, found.seconds) == (N, 1.5)


def test_a_share_of_what_may_be_zero_is_vacuous() -> None:
    asked = claim("faithfulness(as=ratio)", ">=", 0.8)
    found = verdict(asked, {"M": around(0.05), "C": around(0.05, seed=1)})
    assert (found.outcome, found.estimate) == ("vacuous", None)
    assert any("may be zero" in reason for reason in found.reasons)
    assert "F(M)" in found.inputs


def test_minimality_names_the_idle_member() -> None:
    base = around(4.0)
    drop = {"C∖a0.h0": -2.0, "C∖a0.h1": 0.0, "C∖a1.h1": 1.0}
    asked = claim("minimality()", ">=", 0.05)
    found = verdict(
        asked, {"M": base, "C": base} | {k: [x + d for x in base] for k, d in drop.items()}
    )
    assert found.outcome == "fail"
    assert {part.name: part.category for part in found.parts} == {
        "a0.h0": "load-bearing",
        "a0.h1": "redundant",
        "a1.h1": "harmful",
    }
    assert found.estimate is not None
    assert found.estimate.value == 0.0


def test_completeness_is_the_worst_role() -> None:
    base = around(4.0)
    shift = {"C∖early": 0.4, "M∖early": 0.0, "C∖mover": 0.0, "M∖mover": 1.2}
    asked = claim("completeness(search=roles)", "<=", 0.35)
    found = verdict(asked, {"M": base} | {k: [x + d for x in base] for k, d in shift.items()})
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.3)
    assert {part.name: round(part.estimate.value, 6) for part in found.parts} == {
        "early": 0.1,
        "mover": -0.3,
    }


def test_the_worst_examples_pull_away_from_the_claim() -> None:
    values = [3.0] * 20
    values[4], values[11] = -5.0, 9.0
    low = verdict(replace(METRIC, comparator=">="), {"metric": values})
    high = verdict(replace(METRIC, comparator="<=", threshold=99), {"metric": values})
    assert low.worst[0] == 4
    assert high.worst[0] == 11


def test_requests_on_different_examples_cannot_be_paired() -> None:
    asked = claim("faithfulness(as=ratio)")
    hypothesis = circuit(asked)
    first, second, *_ = observe(hypothesis, {"M": around(3), "C": around(2)}).items()
    odd = dict([first, (second[0], replace(second[1], clusters=("u",) * N))])
    assert "different examples" in judge(hypothesis, asked, odd).reasons[0]


def test_a_role_without_heads_has_no_attention_to_measure() -> None:
    asked = claim("attention(role=early, from=S, to=S, over=min)")
    early = Role("early", S, S, (Member(mlp(0)),))
    found = judge(replace(circuit(asked), roles={"early": early}), asked, {})
    assert (found.outcome, found.reasons) == ("error", ("there is nothing to measure",))

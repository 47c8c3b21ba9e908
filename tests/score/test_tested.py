"""Tests against random circuits and random additions, from numbers set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from scipy import stats

from circuitlang.circuit.circuit import Circuit, Claim, Member, Role
from circuitlang.circuit.names import head
from circuitlang.plan.measures import MEASURES
from circuitlang.score.family import in_family
from circuitlang.score.judge import judge
from circuitlang.score.verdict import Verdict
from tests.plan.circuits import END, GPT2, S, circuit, claim, observe

MODEL = [4.0 + 0.1 * (i % 7) for i in range(20)]
ROLES = {
    "early": Role("early", S, S, (Member(head(3, 0)), Member(head(3, 7)))),
    "late": Role("late", END, S, (Member(head(9, 6)),)),
}


def gpt2(asked: Claim) -> Circuit:
    return replace(circuit(asked), roles=ROLES, edges={}, claimed_edges={}, shape=GPT2)


def away(distance: float) -> list[float]:
    """Scores whose mean squared distance from the model's is this."""
    return [m + (distance**0.5 if i % 2 else -(distance**0.5)) for i, m in enumerate(MODEL)]


def against_random(measure: str, label: str, own: float, others: list[float]) -> Verdict:
    asked = claim(f"{measure}(circuits={len(others)}, examples=64)", "<=", 0.05)
    hypothesis = gpt2(asked)
    values = {"M": MODEL, label: away(own)}
    values |= {f"random {i}": away(d) for i, d in enumerate(others, start=1)}
    return judge(hypothesis, asked, observe(hypothesis, values))


@pytest.mark.parametrize("better", [0, 20, 45, 46, 49, 50])
def test_sufficiency_counts_random_circuits_that_are_as_far_or_further(better: int) -> None:
    others = [1.5] * better + [0.5] * (50 - better)
    found = against_random("sufficiency", "C", 1.0, others)
    expected = stats.binomtest(better, 50, 0.9, alternative="greater").pvalue
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(expected)
    assert found.outcome == ("pass" if expected <= 0.05 else "fail")
    assert found.p == found.estimate.value


def test_what_is_equally_far_counts_for_sufficiency_and_not_for_necessity() -> None:
    equal = [0.0] * 29
    sufficient = against_random("sufficiency", "C", 0.0, equal).estimate
    necessary = against_random("partial_necessity", "M∖C", 0.0, equal).estimate
    assert sufficient is not None
    assert necessary is not None
    assert sufficient.value == pytest.approx(0.9**29)
    assert necessary.value == 1.0


@pytest.mark.parametrize("less", [10, 28, 29])
def test_partial_necessity_counts_random_circuits_whose_removal_changes_less(less: int) -> None:
    found = against_random("partial_necessity", "M∖C", 2.0, [1.0] * less + [3.0] * (29 - less))
    expected = stats.binomtest(less, 29, 0.9, alternative="greater").pvalue
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(expected)


def test_distance_is_prompt_by_prompt() -> None:
    """A mean that agrees is no agreement: its scores are ahead and behind in turn."""
    found = against_random("sufficiency", "C", 4.0, [1.0] * 50)
    assert found.estimate is not None
    assert found.estimate.value == 1.0


def test_too_few_other_circuits_cannot_tell() -> None:
    asked = claim("sufficiency(circuits=29, examples=64)", "<=", 0.05)
    tiny = circuit(asked)
    found = judge(tiny, asked, observe(tiny, {"M": MODEL, "C": away(1), "random 1": away(9)}))
    assert found.outcome == "inconclusive"
    assert found.reasons == ("1 random circuits cannot give a p below 0.9: the test cannot tell",)


def inflated(changes: Mapping[str, float], random: list[float], comparator: str = ">=") -> Verdict:
    asked = claim(f"minimality(test=inflated({len(random)}))", comparator, 0.05)  # type: ignore[arg-type]
    hypothesis = gpt2(asked)
    values = {"C": MODEL} | {f"C∖{part}": away(change) for part, change in changes.items()}
    for i, change in enumerate(random, start=1):
        # Where a path adds one head alone, the circuit without that is the circuit.
        values |= {f"C+{i}": away(change), f"C+{i}∖{i}": MODEL}
    labels = MEASURES["minimality"].requests(hypothesis, asked.measure.arguments)
    assert set(values) == set(labels)
    assert len({request for label, request in labels.items() if values[label] != MODEL}) == sum(
        numbers != MODEL for numbers in values.values()
    )
    return judge(hypothesis, asked, observe(hypothesis, values))


CHANGES = {"a3.h0": 2.0, "a3.h7": 0.55, "a9.h6": 0.25}
RANDOM = [0.1 * i for i in range(1, 31)]


def test_each_part_is_held_against_the_same_random_additions() -> None:
    found = inflated(CHANGES, RANDOM)
    expected = {
        name: stats.binomtest(
            sum(change > other for other in RANDOM), len(RANDOM), 0.9, alternative="less"
        ).pvalue
        for name, change in CHANGES.items()
    }
    assert {part.name: part.p for part in found.parts} == pytest.approx(expected)
    first, second, third = sorted(expected.values())
    by_hand = (3 * first, max(3 * first, 2 * second), max(3 * first, 2 * second, third))
    assert sorted(part.adjusted or 0 for part in found.parts) == pytest.approx(by_hand)
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(3 * first)
    assert found.outcome == "fail"


def test_parts_that_change_more_than_almost_all_additions_are_not_rejected() -> None:
    found = inflated(dict.fromkeys(CHANGES, 2.95), RANDOM)
    assert found.outcome == "pass"
    assert found.test is not None
    assert not found.test.rejected
    assert found.p is None


def test_a_rejection_is_one_of_the_family_at_its_own_level() -> None:
    asked = against_random("sufficiency", "C", 1.0, [1.5] * 29)
    assert asked.p == pytest.approx(0.9**29)
    (alone,) = in_family([asked], 1)
    assert alone.outcome == "pass"
    one, other = in_family([asked, asked], 2)
    assert (one.outcome, other.outcome) == ("inconclusive", "inconclusive")
    assert one.adjusted == pytest.approx(2 * 0.9**29)
    assert "above 0.05: it is the least p that a test of this size can give" in one.reasons[-1]


def test_a_test_that_could_have_come_out_clearer_is_not_told_to_grow() -> None:
    one, _ = in_family([against_random("sufficiency", "C", 1.0, [1.5] * 49 + [0.5])] * 2, 2)
    assert one.outcome == "inconclusive"
    assert one.reasons[-1].endswith("above 0.05")

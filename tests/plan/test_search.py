from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Circuit, Member, Role
from circuitlang.circuit.names import head
from circuitlang.plan.measures.completeness import random_sets
from circuitlang.plan.plan import make_plan, pose, requests_of
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import circuit_variant, knockout_variant
from tests.plan.circuits import END, circuit, claim


def wide(members: int = 12, seed: int = 0) -> Circuit:
    role = Role("all", END, END, tuple(Member(head(i, 0)) for i in range(members)))
    return replace(circuit(seed=seed), roles={"all": role}, edges={}, claimed_edges={})


def test_random_sets_are_never_empty_and_never_the_same() -> None:
    sets = random_sets(wide(5), 31)
    assert len(set(sets.values())) == 31
    assert all(sets.values())
    assert list(sets)[:2] == ["K1", "K2"]


def test_there_are_no_more_random_sets_than_there_are_sets() -> None:
    assert len(random_sets(wide(3), 100)) == 7


def test_a_member_is_in_half_of_the_random_sets() -> None:
    sets = random_sets(wide(12), 2000).values()
    for member in wide(12).members:
        # Five standard deviations of a share of 2,000.
        assert sum(member in chosen for chosen in sets) / 2000 == pytest.approx(0.5, abs=0.056)


def test_fewer_random_sets_are_the_first_of_more() -> None:
    few, many = random_sets(wide(), 10), random_sets(wide(), 40)
    assert list(few.items()) == list(many.items())[:10]


def test_the_seed_draws_them() -> None:
    assert random_sets(wide(seed=1), 10) != random_sets(wide(seed=2), 10)


def test_a_set_is_removed_from_circuit_and_model_alike() -> None:
    asked = claim("completeness(search=random(4))")
    hypothesis = replace(wide(), claims=(asked,))
    reads = make_plan(hypothesis).needs["completeness"]
    for name, removed in random_sets(hypothesis, 4).items():
        assert reads[f"C∖{name}"] == Evaluation(circuit_variant(hypothesis, without=removed))
        assert reads[f"M∖{name}"] == Evaluation(knockout_variant(hypothesis, removed))


@pytest.mark.parametrize("call", ["random(4)", "roles"])
def test_parts_list_members_where_the_name_does_not_say_them(call: str) -> None:
    asked = claim(f"completeness(search={call})")
    statistic = pose(wide(), asked).statistic
    assert statistic is not None
    sets = {k: tuple(map(str, sorted(v))) for k, v in random_sets(wide(), 4).items()}
    assert statistic.members == (sets if call != "roles" else {})


def test_greedy_first_tries_ten_members_a_run_one_at_a_time() -> None:
    asked = claim("completeness(search=greedy(1))")
    hypothesis = replace(wide(12), claims=(asked,))
    requests = requests_of(hypothesis, asked).values()
    # C and M themselves, and both without each candidate.
    assert len(requests) == 2 + 2 * 10
    assert all(isinstance(one, Evaluation) and one.half == "search" for one in requests)


def test_a_set_that_is_tried_is_the_circuit_without_it() -> None:
    asked = claim("completeness(search=greedy(1))")
    for granularity in ("nodes", "edges"):
        hypothesis = circuit(asked, granularity=granularity)
        tried = set(requests_of(hypothesis, asked).values())
        for member in hypothesis.members:
            kept = circuit_variant(hypothesis, without=frozenset({member}))
            assert Evaluation(kept, half="search") in tried

from __future__ import annotations

from circuitlang.plan.random_circuits import random_circuits
from tests.plan.test_cover import gpt2


def test_as_many_as_are_asked_for_whatever_the_policys_cover() -> None:
    assert len(random_circuits(gpt2(cover=None), 29)) == 29


def test_fewer_are_the_first_of_more() -> None:
    few, many = random_circuits(gpt2(), 5), random_circuits(gpt2(), 40)
    assert [one.roles for one in few] == [one.roles for one in many[:5]]


def test_a_stream_of_its_own_draws_others() -> None:
    ours, theirs = random_circuits(gpt2(), 5), random_circuits(gpt2(), 5, "other")
    assert [one.roles for one in ours] != [one.roles for one in theirs]

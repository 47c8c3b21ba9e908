from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL
from tests.plan.circuits import CALLS, circuit, claim

RATIO = claim("faithfulness(as=ratio)", name="faithful")
EFFECT = claim("effect(of=mover)", name="strong")
NAMED = tuple(replace(call, name=f"c{i}") for i, call in enumerate(CALLS))


def test_a_request_that_two_claims_share_is_planned_once() -> None:
    plan = make_plan(circuit(RATIO, EFFECT, cover=None))
    # M, C and the model without the mover; nothing kept, which covers the ratio.
    assert len(plan.requests) == 4
    assert plan.users(Evaluation(MODEL)) == ("faithful", "strong")


def test_every_need_is_planned_and_every_request_is_needed() -> None:
    plan = make_plan(circuit(*NAMED))
    needed = {request for reads in plan.needs.values() for request in reads.values()}
    assert set(plan.requests) == needed
    assert len(plan.requests) == len(needed)


def test_knocking_out_a_role_of_one_is_the_same_run_for_two_measures() -> None:
    both = make_plan(circuit(claim("completeness"), claim("minimality")))
    parts = [make_plan(circuit(claim(m))) for m in ("completeness", "minimality")]
    # F(M), F(∅), and C without the mover's only head.
    assert len(both.requests) == sum(len(p.requests) for p in parts) - 3


def test_the_same_circuit_gives_the_same_plan() -> None:
    assert make_plan(circuit(*NAMED)).requests == make_plan(circuit(*NAMED)).requests


def test_one_claim_can_be_planned_alone() -> None:
    plan = make_plan(circuit(RATIO, EFFECT), only={"strong"})
    assert list(plan.needs) == ["strong"]
    assert len(plan.requests) == 2


def test_a_claim_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="`stong`"):
        make_plan(circuit(RATIO), only=["stong"])

from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.rounds import observe, unanswered
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import Version
from tests.plan.circuits import circuit, claim

GREEDY = claim("completeness(search=greedy(3))", name="greedy")
RATIO = claim("faithfulness(as=ratio)", name="faithful")


class Lab:
    """Answers every request, and remembers what it was asked."""

    def __init__(self) -> None:
        self.rounds: list[tuple[Request, ...]] = []

    def __call__(self, requests: tuple[Request, ...]) -> Observations:
        self.rounds.append(requests)
        return {request: Observation((_number(request),) * 8, ("t",) * 8) for request in requests}


def _number(request: Request) -> float:
    """Circuit and model part further with each member that is removed from both."""
    assert isinstance(request, Evaluation)
    start = 10 if request.variant.default is Version.LIVE else 0
    return start + len(request.variant.overrides)


def run(hypothesis: Circuit) -> tuple[Lab, Observations]:
    lab = Lab()
    return lab, observe(hypothesis, None, lab)


def test_what_does_not_search_takes_one_round() -> None:
    lab, known = run(circuit(RATIO))
    assert lab.rounds == [make_plan(circuit(RATIO)).requests]
    assert set(known) == set(lab.rounds[0])


def test_a_search_ends_and_leaves_nothing_unanswered() -> None:
    lab, known = run(circuit(GREEDY))
    assert len(lab.rounds) > 2
    assert unanswered(circuit(GREEDY), None, known) == ()


def test_no_request_is_made_twice() -> None:
    lab, _ = run(circuit(GREEDY, RATIO))
    asked = [request for requests in lab.rounds for request in requests]
    assert len(set(asked)) == len(asked)


def test_a_run_that_was_cut_off_goes_on_where_it_was() -> None:
    lab, whole = run(circuit(GREEDY))
    half = {request: whole[request] for requests in lab.rounds[:2] for request in requests}
    assert unanswered(circuit(GREEDY), None, half) == lab.rounds[2]


def test_all_searches_go_side_by_side() -> None:
    alone, _ = run(circuit(claim("completeness(search=greedy(1))")))
    together, _ = run(circuit(claim("completeness(search=greedy(20))")))
    assert len(together.rounds) <= len(alone.rounds) + 3


def test_the_search_sees_one_half_and_the_estimate_reads_the_other() -> None:
    lab, _ = run(circuit(GREEDY))
    *searching, last = [
        {request.half for request in requests if isinstance(request, Evaluation)}
        for requests in lab.rounds
    ]
    assert all("report" not in halves for halves in searching)
    assert "search" not in last


def test_an_answer_that_never_comes_is_a_mistake_and_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="were not answered"):
        observe(circuit(GREEDY), None, lambda _: {})

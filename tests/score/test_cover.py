from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from circuitlang.circuit.circuit import Circuit, Claim, Member, MetricDef, RandomCover, Role
from circuitlang.circuit.names import head
from circuitlang.plan.cover import cover_circuits, cover_requests
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import requests_of
from circuitlang.plan.request import Request
from circuitlang.plan.sample import Sample
from circuitlang.score.cover import no_knowledge
from circuitlang.score.judge import judge
from circuitlang.score.verdict import Cover, Verdict
from tests.plan.circuits import END, GPT2, S, circuit, claim

N = 40
RATIO = claim("faithfulness(as=ratio)", ">=", 0.8, percent=True)
CLUSTERS = tuple("ab"[i % 2] for i in range(N))
HOLDS = {"M": 4.0, "C": 3.9, "∅": 0.1, "kl": 0.1}


def gpt2(asked: Claim = RATIO, **policy: Any) -> Circuit:
    plain = circuit(asked, resamples=100, **policy)
    roles = {"late": Role("late", END, S, (Member(head(9, 6)), Member(head(9, 9))))}
    return replace(plain, roles=roles, edges={}, claimed_edges={}, shape=GPT2)


def numbers(
    spec: Circuit, means: Mapping[str, float], passing: int = 0, near: float = 3.8
) -> Observations:
    """Examples around these means; of the random circuits ``passing`` are at ``near``."""
    (asked,) = spec.claims
    drawn = cover_circuits(spec)
    found: dict[Request, Observation] = {}
    for label, request in cover_requests(spec, asked, drawn).items():
        if label in ("M", "∅"):
            found[request] = around(means[label])
        else:
            number = near if int(label.split()[1]) <= passing else 0.5
            some = Sample(getattr(request, "examples", None)).indices(CLUSTERS)
            found[request] = Observation((number,) * len(some), tuple(CLUSTERS[i] for i in some))
    for label, request in requests_of(spec, asked).items():
        found[request] = around(means[label])
    return found


def around(mean: float) -> Observation:
    return Observation(tuple(mean + 0.1 * (i % 5 - 2) for i in range(N)), CLUSTERS)


def verdict(spec: Circuit, means: Mapping[str, float] = HOLDS, **more: Any) -> Verdict:
    return judge(spec, spec.claims[0], numbers(spec, means, **more))


def cover(found: Verdict, name: str) -> Cover:
    (one,) = [cover for cover in found.covers if cover.name == name]
    return one


def test_a_claim_whose_covers_are_met_passes_with_them_beside_it() -> None:
    found = verdict(gpt2())
    assert found.outcome == "pass"
    assert [one.name for one in found.covers] == [
        "task",
        "ablation",
        "size",
        "denominator",
        "random",
    ]
    assert all(one.met for one in found.covers)
    assert cover(found, "ablation").text == "nothing kept gives 2.5%"


@pytest.mark.parametrize(("passing", "outcome"), [(0, "pass"), (1, "pass"), (2, "vacuous")])
def test_of_twenty_random_circuits_one_may_pass(passing: int, outcome: str) -> None:
    found = verdict(gpt2(), passing=passing)
    assert found.outcome == outcome
    assert cover(found, "random").passing == passing
    assert len(cover(found, "random").values) == 20


def test_of_ten_random_circuits_none_may_pass() -> None:
    assert verdict(gpt2(cover=RandomCover(10)), passing=1).outcome == "vacuous"


def test_the_threshold_of_the_claim_is_theirs() -> None:
    # 3.8 of 4.0 is 95 %.
    for bound, outcome in ((0.94, "vacuous"), (0.96, "pass")):
        spec = gpt2(replace(RATIO, threshold=bound))
        assert verdict(spec, passing=20).outcome == outcome


def test_their_share_is_of_the_model_on_the_same_examples() -> None:
    spec = gpt2(cover=RandomCover(1, 10))
    found = numbers(spec, HOLDS, passing=1, near=3.0)
    chosen = Sample(10).indices(CLUSTERS)
    model = sum(around(4.0).values[i] for i in chosen) / 10
    (value,) = cover(judge(spec, RATIO, found), "random").values
    assert value == pytest.approx(3.0 / model, abs=1e-12)


def test_vacuous_says_which_cover_and_how_many() -> None:
    (reason,) = verdict(gpt2(), passing=3).reasons
    assert reason == (
        "the cover `random` is not met: 20 random circuits of this size profile: "
        "95% at best, 3 would pass"
    )


def test_a_claim_that_fails_stays_failed() -> None:
    found = verdict(gpt2(), {**HOLDS, "C": 1.0}, passing=20)
    assert found.outcome == "fail"
    assert cover(found, "random").met is False


def test_a_claim_that_might_pass_is_vacuous_too() -> None:
    spec = gpt2(replace(RATIO, threshold=0.975))
    assert verdict(spec).outcome == "inconclusive"
    assert verdict(spec, passing=20, near=4.1).outcome == "vacuous"


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        (claim("faithfulness(as=gap)", "<=", 0.5), 3.8),
        (claim("faithfulness(as=kl)", "<=", 0.5), 0.2),
        (claim("faithfulness(as=ratio)", "~=", 1.0, tolerance=0.1, percent=True), 3.8),
    ],
)
def test_every_form_of_faithfulness_is_held_against_random_circuits(
    asked: Claim, near: float
) -> None:
    spec = gpt2(asked)
    assert verdict(spec, passing=20, near=near).outcome == "vacuous"
    assert verdict(spec, passing=20, near=50.0).outcome == "pass"


def test_without_random_circuits_the_other_covers_stay() -> None:
    found = verdict(gpt2(cover=None))
    assert found.outcome == "pass"
    assert "random" not in [one.name for one in found.covers]
    assert verdict(gpt2(cover=None), {**HOLDS, "∅": 4.0, "C": 4.0}).outcome == "vacuous"


def test_a_model_that_does_not_do_the_task_makes_a_small_gap_vacuous() -> None:
    spec = gpt2(claim("faithfulness(as=gap)", "<=", 0.5))
    found = verdict(spec, {"M": 0.01, "C": 0.0, "∅": -2.0})
    assert found.outcome == "vacuous"
    assert cover(found, "task").met is False
    assert "not shown to do the task" in found.reasons[0]


def test_an_ablation_that_changes_nothing_makes_completeness_vacuous() -> None:
    spec = gpt2(claim("completeness(search=roles)", "<=", 0.3, percent=True))
    means = {"M": 4.0, "∅": 4.0, "C∖late": 4.0, "M∖late": 4.0}
    found = verdict(spec, means)
    assert found.outcome == "vacuous"
    assert [one.name for one in found.covers if one.met is False] == ["ablation"]


def test_all_heads_of_the_model_are_no_finding() -> None:
    spec = gpt2()
    roles = {"all": Role("all", END, S, tuple(map(Member, GPT2.heads)))}
    found = verdict(replace(spec, roles=roles))
    assert found.outcome == "vacuous"
    assert cover(found, "size").text == "it is about all 144 heads of the model"
    assert cover(found, "random").met is None


@pytest.mark.parametrize(
    ("metric", "level"),
    [
        (MetricDef("logit_diff", "END"), 0.0),
        (MetricDef("prob_diff", "END"), 0.0),
        (MetricDef("accuracy", "END", "A", "B"), 0.5),
        (MetricDef("accuracy", "END", "A"), 1 / 50257),
        (MetricDef("log_prob", "END", "A"), -10.825),
        (MetricDef("kl", "END"), None),
    ],
)
def test_what_no_knowledge_gives(metric: MetricDef, level: float | None) -> None:
    spec = gpt2()
    found = no_knowledge(replace(spec, task=replace(spec.task, metric=metric)))
    assert found == (None if level is None else pytest.approx(level, rel=1e-3))


def test_a_cover_that_was_not_measured_is_an_error() -> None:
    spec = gpt2()
    whole = numbers(spec, HOLDS)
    part = {k: v for k, v in whole.items() if k in requests_of(spec, RATIO).values()}
    found = judge(spec, RATIO, part)
    assert found.outcome == "error"
    assert "cover ∅" in found.reasons[0]

"""Prompts, patterns and worst examples, of a small circuit whose numbers are set by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Claim
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.model.decoder import Decoder
from circuitlang.pipeline.pictures import LONGEST, PROMPTS, gather
from circuitlang.plan.observations import Observation
from circuitlang.plan.plan import requests_of
from circuitlang.report.pictures import Pictures
from circuitlang.score.verdict import Verdict
from circuitlang.task.dataset import Dataset, Example, Target
from tests.model.tiny import decoder, gpt2
from tests.plan.circuits import MOVER, circuit, claim

MODEL = decoder(gpt2())
FAITHFUL = claim("faithfulness(as=ratio)", ">=", 0.9, name="faithful")
LOOKS = claim("attention(role=mover, from=END, to=S, over=min)", ">=", 0.5, name="looks")
REPEATS = claim(
    "previous_token(role=early, length=5, examples=5, over=min)", ">=", 0.5, name="repeats"
)


def examples(count: int = 6, length: int = 5) -> Dataset:
    made = tuple(
        Example(
            text="",
            template=f"t{i % 2}",
            clean=tuple((i + j) % 20 for j in range(length)),
            corrupt={"abc": tuple((i + j + 1) % 20 for j in range(length))},
            positions={"S": (1,), "END": (length - 1,)},
            targets=(Target(length - 1, (3,), (4,)),),
        )
        for i in range(count)
    )
    return Dataset(made, "logit_diff", "0" * 64)


def never() -> Decoder:
    raise AssertionError("the model was opened")


def pictures(*claims: Claim, data: Dataset | None = None, worst: tuple[int, ...] = ()) -> Pictures:
    data = data or examples()
    spec = circuit(*claims)
    verdicts = [Verdict(one, "fail", "fail", "", worst=worst) for one in claims]
    requests = {r for one in claims for r in requests_of(spec, one).values()}
    observed = {
        request: Observation(tuple(map(float, range(len(data)))), data.templates)
        for request in requests
    }
    looked = LOOKS in claims or REPEATS in claims
    return gather(
        spec, verdicts, observed, data, MODEL.tokenizer, (lambda: MODEL) if looked else never
    )


def test_a_claim_of_attention_shows_where_its_heads_look_from() -> None:
    found = pictures(LOOKS)
    assert len(found.patterns) == PROMPTS
    assert {(p.role, p.head, p.query) for p in found.patterns} == {("mover", MOVER, 4)}
    assert all(sum(p.weights) == pytest.approx(1) for p in found.patterns)
    # One of each template first.
    assert [found.prompts[p.prompt].template for p in found.patterns] == ["t0", "t1", "t0"]


def test_a_claim_of_repeated_tokens_shows_the_role_on_real_prompts() -> None:
    found = pictures(REPEATS)
    assert {p.query for p in found.patterns} == {1}
    assert {str(p.head) for p in found.patterns} == {"a0.h0", "a0.h1"}


def test_a_role_that_writes_anywhere_is_shown_where_the_metric_reads() -> None:
    spec = circuit(REPEATS)
    roles = {**spec.roles, "early": replace(spec.roles["early"], at=EVERYWHERE)}
    verdicts = [Verdict(REPEATS, "pass", "pass", "")]
    found = gather(
        replace(spec, roles=roles), verdicts, {}, examples(), MODEL.tokenizer, lambda: MODEL
    )
    assert {p.query for p in found.patterns} == {4}


def test_claims_that_look_nowhere_open_no_model() -> None:
    assert pictures(FAITHFUL).patterns == ()


def test_the_worst_examples_come_with_their_numbers() -> None:
    found = pictures(FAITHFUL, worst=(4, 2))
    assert found.worst == {"faithful": {4: {"M": 4.0, "C": 4.0}, 2: {"M": 2.0, "C": 2.0}}}
    assert list(found.worst["faithful"]) == [4, 2]
    prompt = found.prompts[4]
    assert (len(prompt.clean), len(prompt.corrupt["abc"])) == (5, 5)
    assert prompt.answer == (MODEL.tokenizer.token(3),)
    assert prompt.positions == {"S": (1,), "END": (4,)}


def test_sequences_of_random_tokens_are_no_prompts_of_the_data() -> None:
    assert pictures(REPEATS, worst=(1,)).worst == {}


def test_prompts_that_nobody_would_read_are_left_out() -> None:
    assert pictures(LOOKS, data=examples(3, LONGEST + 1)).patterns == ()

"""The sparse executor gives what the reference gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import Config
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.run import reference, sparse
from circuitlang.task.dataset import Dataset, Target
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import ABLATIONS, configs, dataset, readings, variants

MEAN = Ablation("mean", "other", "prompt")


def assert_equal(
    requests: Sequence[Request], model: Decoder, data: Dataset, ablation: Ablation
) -> None:
    expected = reference.run(requests, model, data, ablation=ablation, seed=3)
    found = sparse.run(requests, model, data, ablation=ablation, seed=3)
    assert list(found) == list(expected)
    for request in requests:
        assert found[request].clusters == expected[request].clusters
        assert found[request].values == pytest.approx(
            expected[request].values, rel=1e-9, abs=1e-9, nan_ok=True
        )


@settings(max_examples=120, deadline=None)
@given(st.data(), configs(), st.sampled_from(ABLATIONS))
def test_any_variants_of_any_model(data: st.DataObject, config: Config, ablation: Ablation) -> None:
    model = decoder(config)
    drawn = data.draw(st.lists(variants(model.shape), min_size=1, max_size=4))
    requests = [reading for variant in drawn for reading in readings(variant)]
    assert_equal(requests, model, dataset(), ablation)


@settings(max_examples=120, deadline=None)
@given(st.data(), configs(), st.sampled_from(ABLATIONS))
def test_values_taken_from_other_variants(
    data: st.DataObject, config: Config, ablation: Ablation
) -> None:
    model = decoder(config)
    drawn = data.draw(st.lists(variants(model.shape, 2), min_size=1, max_size=3))
    requests = [reading for variant in drawn for reading in readings(variant)]
    assert_equal(requests, model, dataset((5, 5, 4, 4)), ablation)


@settings(max_examples=30, deadline=None)
@given(
    st.data(), st.sampled_from(ABLATIONS[:3]), st.lists(st.integers(3, 9), min_size=1, max_size=4)
)
def test_any_prompts(data: st.DataObject, ablation: Ablation, lengths: list[int]) -> None:
    model = decoder(llama())
    requests = [Evaluation(data.draw(variants(model.shape))), Evaluation(MODEL)]
    assert_equal(requests, model, dataset(lengths), ablation)


@pytest.mark.parametrize("metric", ["logit_diff", "prob_diff", "log_prob", "accuracy", "kl"])
@pytest.mark.parametrize("rivals", [0, 1, 3])
def test_every_metric(metric: str, rivals: int) -> None:
    if metric in ("logit_diff", "prob_diff") and not rivals:
        return
    data = dataset(metric=metric)
    examples = tuple(
        replace(
            example,
            targets=tuple(
                Target(
                    t.position, (*t.answer, 7), tuple(range(20, 20 + rivals + i % 2 * (rivals > 0)))
                )
                for i, t in enumerate(example.targets)
            ),
        )
        for example in data.examples
    )
    model = decoder(gpt2())
    knocked = Variant(Version.LIVE, (Override(mlp(0), Positions.of(["A"]), Version.ABLATED),))
    requests = [Evaluation(v, r) for v in (MODEL, knocked) for r in ("metric", "accuracy", "kl")]
    assert_equal(requests, model, replace(data, examples=examples), MEAN)


def test_attention_patterns_and_progress() -> None:
    model, data = decoder(llama()), dataset()
    knocked = Variant(Version.LIVE, (Override(head(0, 0), EVERYWHERE, Version.ABLATED),))
    requests: list[Request] = [
        Evaluation(knocked),
        Attention(head(1, 0), "END", "B"),
        RepeatedTokens(head(0, 1), "induction", 5, 3),
        Copying(head(1, 1), ("A", "B"), "negative", 100),
        Composition(head(0, 1), head(1, 0), "v", "random", 4, 0),
    ]
    assert_equal(requests, model, data, MEAN)
    steps: list[tuple[int, int]] = []
    sparse.run(
        requests,
        model,
        data,
        ablation=MEAN,
        seed=0,
        batch_size=2,
        progress=lambda done, total: steps.append((done, total)),
    )
    totals = {total for _, total in steps}
    assert len(totals) == 1
    assert [done for done, _ in steps] == list(range(1, totals.pop() + 1))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_batches_change_nothing(size: int) -> None:
    model, data = decoder(gpt2()), dataset()
    knocked = Variant(Version.ABLATED, (Override(head(1, 1), EVERYWHERE, Version.LIVE),))
    requests = readings(knocked)
    expected = reference.run(requests, model, data, ablation=MEAN, seed=0)
    found = sparse.run(requests, model, data, ablation=MEAN, seed=0, batch_size=size)
    for request in requests:
        assert found[request].values == pytest.approx(expected[request].values, abs=1e-9)


def test_little_memory_changes_nothing() -> None:
    model, data = decoder(llama()), dataset()
    requests: list[Evaluation] = [
        Evaluation(Variant(Version.LIVE, (Override(node, EVERYWHERE, Version.ABLATED),)), reading)
        for node in (*model.shape.heads, *model.shape.mlps)
        for reading in ("metric", "kl")
    ]
    expected = reference.run(requests, model, data, ablation=MEAN, seed=0)
    plans = list(sparse.plan_parts(requests, model, data, 40_000, True))
    assert len(plans) > 1
    assert {request for _, group, _ in plans for request in group} == set(requests)
    found = sparse.run(requests, model, data, ablation=MEAN, seed=0, memory=40_000)
    for request in requests:
        assert found[request].values == pytest.approx(expected[request].values, abs=1e-9)


def test_a_node_that_is_not_there_is_refused() -> None:
    strange = Variant(Version.LIVE, (Override(head(9, 0), EVERYWHERE, Version.ABLATED),))
    with pytest.raises(ValueError, match=r"a9\.h0"):
        sparse.run([Evaluation(strange)], decoder(gpt2()), dataset(), ablation=MEAN, seed=0)

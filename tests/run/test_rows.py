from __future__ import annotations

import pytest
import torch

from circuitlang.circuit.names import head
from circuitlang.run.rows import Look, attention_rows
from tests.model.tiny import decoder, llama
from tests.run.cases import dataset

MODEL = decoder(llama())
PROMPTS = [example.clean for example in dataset((7, 4)).examples]


def test_a_row_is_the_pattern_of_the_model_up_to_the_query() -> None:
    looks = [Look(head(1, 2), 0, 6), Look(head(0, 1), 1, 2), Look(head(1, 2), 1, 3)]
    rows = attention_rows(MODEL, PROMPTS, looks)
    for look in looks:
        outputs = MODEL.model(torch.tensor([PROMPTS[look.prompt]]), output_attentions=True)
        pattern = outputs.attentions[look.head.layer][0, look.head.head]
        expected = [float(pattern[look.query, key]) for key in range(look.query + 1)]
        assert rows[look] == pytest.approx(expected, abs=1e-12)
        assert sum(rows[look]) == pytest.approx(1)


def test_nothing_asked_runs_nothing() -> None:
    assert attention_rows(MODEL, [], []) == {}


def test_a_query_in_the_padding_is_refused() -> None:
    with pytest.raises(IndexError, match="token 5 of a prompt of 4"):
        attention_rows(MODEL, PROMPTS, [Look(head(0, 0), 1, 5)])

from __future__ import annotations

import pytest
import torch

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head, mlp
from circuitlang.plan.request import Attention, RepeatedTokens, Request
from circuitlang.run.reference import run
from circuitlang.task.repeated import repeated_blocks
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import dataset

MODEL = decoder(llama())


def _run(*requests: Request, seed: int = 0) -> list[tuple[float, ...]]:
    found = run(requests, MODEL, dataset(), ablation=Ablation("zero"), seed=seed)
    return [found[request].values for request in requests]


def test_attention_sums_over_keys_and_averages_over_queries() -> None:
    (values,) = _run(Attention(head(1, 2), "B", "A"))
    for example, value in zip(dataset().examples, values, strict=True):
        outputs = MODEL.model(torch.tensor([example.clean]), output_attentions=True)
        pattern = outputs.attentions[1][0, 2]
        queries, keys = example.positions["B"], example.positions["A"]
        expected = sum(float(pattern[q, k]) for q in queries for k in keys) / len(queries)
        assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("pattern", "back", "first"), [("previous", 1, 1), ("duplicate", 5, 5), ("induction", 4, 5)]
)
def test_repeated_tokens(pattern: str, back: int, first: int) -> None:
    (values,) = _run(RepeatedTokens(head(0, 3), pattern, length=5, examples=3), seed=4)  # type: ignore[arg-type]
    for tokens, value in zip(repeated_blocks(MODEL.tokenizer, 5, 2, 3, 4), values, strict=True):
        attention = MODEL.model(torch.tensor([tokens]), output_attentions=True).attentions[0][0, 3]
        rows = range(first, 10)
        expected = sum(float(attention[i, i - back]) for i in rows) / len(rows)
        assert value == pytest.approx(expected, abs=1e-12)


def test_sequences_are_their_own_clusters() -> None:
    ask = RepeatedTokens(head(0, 0), "previous", 5, 3)
    found = run([ask], MODEL, dataset(), ablation=Ablation("zero"), seed=0)[ask]
    assert len(set(found.clusters)) == 3


def test_sequences_follow_the_seed() -> None:
    ask = RepeatedTokens(head(0, 0), "duplicate", 5, 3)
    assert _run(ask, seed=1) == _run(ask, seed=1)
    assert _run(ask, seed=1) != _run(ask, seed=2)


def test_a_sequence_beyond_the_context_is_refused() -> None:
    with pytest.raises(ValueError, match="two blocks of 17 tokens"):
        _run(RepeatedTokens(head(0, 0), "previous", 17, 1))


@pytest.mark.parametrize("node", [head(9, 0), head(0, 9), mlp(0)], ids=str)
def test_only_heads_that_are_there(node: object) -> None:
    with pytest.raises(ValueError, match="is no attention head"):
        _run(Attention(node, "A", "A"))  # type: ignore[arg-type]


def test_attention_on_gpt2_is_causal() -> None:
    ask = Attention(head(0, 0), "A", "END")
    found = run([ask], decoder(gpt2()), dataset(), ablation=Ablation("zero"), seed=0)
    assert found[ask].values == (0.0,) * 5


def test_no_block_above_the_last_pattern_is_run() -> None:
    ran: list[int] = []
    handles = [
        block.register_forward_hook(lambda *_, layer=layer: ran.append(layer))
        for layer, block in enumerate(MODEL.blocks)
    ]
    try:
        _run(RepeatedTokens(head(0, 0), "previous", 5, 1))
    finally:
        for handle in handles:
            handle.remove()
    assert len(MODEL.blocks) > 1
    assert ran == [0]

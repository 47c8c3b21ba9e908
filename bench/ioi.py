"""The published IOI circuit on a model of GPT-2 small's shape, with prompts of random tokens."""

from __future__ import annotations

import random
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node, head
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import family
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.task.dataset import Dataset, Example, Target

# Wang et al. 2022 (arXiv:2211.00593), sec. 3: 26 heads and where each is kept.
IOI = {
    "END": "7.3 7.9 8.6 8.10 9.0 9.6 9.7 9.9 10.0 10.1 10.2 10.6 10.7 10.10 11.2 11.9 11.10",
    "S2": "0.1 0.10 3.0 5.5 5.8 5.9 6.9",
    "S1+1": "2.2 4.11",
}
ABLATION = Ablation("mean", "abc", "prompt")


def members() -> dict[Node, Positions]:
    return {
        head(*map(int, name.split("."))): Positions.of([at])
        for at, listed in IOI.items()
        for name in listed.split()
    }


def kept(nodes: dict[Node, Positions]) -> Variant:
    overrides = [Override(node, at, Version.LIVE) for node, at in sorted(nodes.items())]
    return Variant(Version.ABLATED, tuple(overrides))


def leave_one_out(
    shape: ModelShape, *, mlps: bool = True, positions: str = "named"
) -> list[Evaluation]:
    """C and C without each of its members."""
    base = {node: EVERYWHERE for node in shape.nodes if node.kind == "input"}
    if mlps:
        base |= dict.fromkeys(shape.mlps, EVERYWHERE)
    heads = members()
    if positions == "all":
        heads = dict.fromkeys(heads, EVERYWHERE)
    without: list[Node | None] = [None, *heads]
    return [
        Evaluation(kept(base | {node: at for node, at in heads.items() if node != left}))
        for left in without
    ]


def gpt2_small(seed: int = 0) -> Decoder:
    """Random weights; attention six times and MLPs twice as strong as transformers draws them, so
    that removing a head shows in the logits."""
    torch.manual_seed(seed)
    make: Any = GPT2LMHeadModel
    model = make(GPT2Config()).eval().requires_grad_(False)
    for block in model.transformer.h:
        for module in (block.attn.c_attn, block.attn.c_proj):
            module.weight.mul_(6)
        for module in (block.mlp.c_fc, block.mlp.c_proj):
            module.weight.mul_(2)
    record = family("gpt2")
    assert record is not None
    tokenizer: Any = None  # nothing here reads text
    return Decoder(model, record, record.shape(model.config), tokenizer, "0" * 64)


def prompts(n: int = 16, length: int = 15, vocabulary: int = 50257, seed: int = 0) -> Dataset:
    """Half ABBA, half BABA, as "When Mary and John went to the store, John gave a drink to"."""
    draw = random.Random(seed)

    def example(i: int) -> Example:
        first, second = 1, 3
        clean = [draw.randrange(vocabulary) for _ in range(length)]
        io, s1 = (first, second) if i % 2 else (second, first)
        clean[9] = clean[s1]
        corrupt = list(clean)
        for place in (first, second, 9):
            corrupt[place] = draw.randrange(vocabulary)
        where = {"IO": io, "S1": s1, "S1+1": s1 + 1, "S2": 9, "END": length - 1}
        return Example(
            text=f"prompt {i}",
            template="abba" if i % 2 else "baba",
            clean=tuple(clean),
            corrupt={"abc": tuple(corrupt)},
            positions={name: (at,) for name, at in where.items()},
            targets=(Target(length - 1, (clean[io],), (clean[s1],)),),
        )

    return Dataset(tuple(example(i) for i in range(n)), "logit_diff", "0" * 64)

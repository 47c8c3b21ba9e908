"""Sparse and reference executor on SmolLM2-135M, in float32."""

from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Reader, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Override, Variant, Version, path_variant
from circuitlang.run import reference, sparse
from circuitlang.task.dataset import Dataset, Example, Target
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

NAMES = ("Mary", "John", "Tom", "Anna", "Paul", "Jane")
LIVE, ABLATED = Version.LIVE, Version.ABLATED
S2, END = Positions.of(["S2"]), Positions.of(["END"])
EARLY, MIDDLE, LATE = head(14, 3), head(18, 6), head(24, 5)


def prompts(decoder: Decoder) -> Dataset:
    def tokens(io: str, s1: str, s2: str) -> tuple[int, ...]:
        text = f"Then, {io} and {s1} went to the store. {s2} gave a drink to"
        return tuple(decoder.tokenizer.encode(text).ids)

    def example(i: int) -> Example:
        io, s = NAMES[i], NAMES[i - 1]
        clean = tokens(io, s, s)
        last = len(clean) - 1
        answer, against = (decoder.tokenizer.encode(f" {name}").ids[0] for name in (io, s))
        return Example(
            text="",
            template="abba",
            clean=clean,
            corrupt={"abc": tokens(NAMES[i - 2], NAMES[i - 3], NAMES[i - 4])},
            positions={"S2": (last - 4,), "END": (last,)},
            targets=(Target(last, (answer,), (against,)),),
        )

    return Dataset(tuple(example(i) for i in range(4)), "logit_diff", "0" * 64)


def test_nodes_and_edges(smollm: Decoder) -> None:
    mlps = [Override(mlp(i), EVERYWHERE, LIVE) for i in range(30)]
    whole = Override(INPUT, EVERYWHERE, LIVE)
    heads = [Override(EARLY, S2, LIVE), Override(MIDDLE, END, LIVE), Override(LATE, END, LIVE)]
    edges = [
        *(Edge(INPUT, EARLY, port) for port in ("q", "k", "v")),
        Edge(EARLY, MIDDLE, "v"),
        Edge(INPUT, mlp(20)),
        Edge(MIDDLE, mlp(20)),
        Edge(mlp(20), LATE, "k"),
        Edge(mlp(20), LOGITS),
        Edge(LATE, LOGITS),
    ]
    variants = [
        MODEL,
        Variant(ABLATED, (whole, *mlps, *heads)),
        Variant(ABLATED, (whole, *mlps, *heads[1:])),
        Variant(ABLATED, (whole, *heads)),
        Variant(LIVE, (Override(MIDDLE, END, ABLATED),)),
        Variant(ABLATED, tuple(Override(edge, EVERYWHERE, LIVE) for edge in edges)),
        Variant(LIVE, tuple(Override(edge, S2 | END, ABLATED) for edge in edges)),
    ]
    assert_equal(variants, smollm, Ablation("mean", "abc", "prompt"))


def test_patching(smollm: Decoder) -> None:
    queries = {Reader(LATE, "q"): END, Reader(head(24, 4), "q"): END}
    values = {Reader(MIDDLE, "v"): S2}
    variants = [
        path_variant(smollm.shape, {MIDDLE: END}, queries),
        path_variant(smollm.shape, {EARLY: EVERYWHERE}, values),
        path_variant(smollm.shape, {mlp(15): EVERYWHERE}, {Reader(LOGITS): EVERYWHERE}),
        Variant(LIVE, (Override(INPUT, EVERYWHERE, ABLATED), Override(LATE, END, MODEL))),
    ]
    assert_equal(variants, smollm, Ablation("counterfactual", "abc"))


def assert_equal(variants: list[Variant], decoder: Decoder, ablation: Ablation) -> None:
    requests = [Evaluation(v, r) for v in variants for r in ("metric", "kl")]
    data = prompts(decoder)
    expected = reference.run(requests, decoder, data, ablation=ablation, seed=0)
    found = sparse.run(requests, decoder, data, ablation=ablation, seed=0)
    for request in requests:
        assert found[request].values == pytest.approx(expected[request].values, rel=1e-4, abs=1e-4)

"""Random datasets, variants and models for the executor's tests."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import LOGITS, Edge, Node, feeds
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.family import Config
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.task.dataset import Dataset, Example, Target, Tokens
from tests.model.tiny import VOCAB, gpt2, llama

ABLATIONS = (
    Ablation("zero"),
    Ablation("mean", "other", "prompt"),
    Ablation("mean", "other", "all"),
    Ablation("resample", "other"),
    Ablation("counterfactual", "other"),
)


def dataset(lengths: Sequence[int] = (7, 7, 4, 4, 7), metric: str = "logit_diff") -> Dataset:
    """Random tokens; one template a length; positions A, B (two tokens) and END."""
    draw = random.Random(str(lengths))

    def tokens(n: int) -> Tokens:
        return tuple(draw.randrange(VOCAB) for _ in range(n))

    def target(position: int) -> Target:
        answer, against = draw.sample(range(VOCAB), 2)
        return Target(position, (answer,), (against,))

    examples = tuple(
        Example(
            text=f"example {i}",
            template=f"of {n}",
            clean=tokens(n),
            corrupt={"other": tokens(n)},
            positions={"A": _between(draw, n), "B": (0, n - 2), "END": (n - 1,)},
            targets=(target(n - 1), target(n - 2)),
        )
        for i, n in enumerate(lengths)
    )
    return Dataset(examples, metric, "0" * 64)


def _between(draw: random.Random, n: int) -> Tokens:
    """A token that no other position names, if there is one: see `circuitlang.plan.variant`."""
    return (1 + draw.randrange(n - 3),) if n > 3 else ()


def readings(variant: Variant) -> tuple[Evaluation, Evaluation]:
    """Two numbers that leave a variant little room to be wrong unseen."""
    return Evaluation(variant), Evaluation(variant, "kl")


@st.composite
def configs(draw: st.DrawFn) -> Config:
    layers, heads = draw(st.integers(1, 3)), draw(st.sampled_from([1, 2, 4]))
    if draw(st.booleans()):
        return gpt2(n_layer=layers, n_head=heads)
    return llama(
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=draw(st.sampled_from([n for n in (1, 2, 4) if heads % n == 0])),
        attention_bias=draw(st.booleans()),
    )


positions = st.builds(Positions, st.frozensets(st.sampled_from(["A", "B", "END"])), st.booleans())


def sources(shape: ModelShape) -> list[Node]:
    return [node for node in shape.nodes if node != LOGITS]


def node_overrides(shape: ModelShape, most: int = 8) -> st.SearchStrategy[list[Override]]:
    nodes = st.sampled_from(sources(shape))
    return st.lists(st.builds(Override, nodes, positions, st.sampled_from(Version)), max_size=most)


def edge_overrides(shape: ModelShape, most: int = 12) -> st.SearchStrategy[list[Override]]:
    edges = st.sampled_from(list(shape.edges()))
    return st.lists(
        st.builds(Override, edges, positions, st.sampled_from(Version)), min_size=1, max_size=most
    )


def by_edges(variant: Variant, shape: ModelShape) -> Variant:
    """The same variant, said of every edge that leaves the node."""
    overrides = [
        Override(Edge(what, target, port), at, version)
        for what, at, version in variant.overrides
        if isinstance(what, Node)
        for target in shape.nodes
        if feeds(what, target)
        for port in target.ports
    ]
    # Also says nothing new, where there is no override at all, but says it of an edge.
    anything = Override(next(shape.edges()), EVERYWHERE, variant.default)
    return Variant(variant.default, (anything, *overrides))

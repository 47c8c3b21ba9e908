"""Random datasets, variants and models for the executor's tests."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import LOGITS, Edge, Node, Reader, feeds
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
    """Random tokens; one template a length; positions A, B (two tokens) and END;
    a token of A may be one of B."""
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
            positions={"A": (draw.randrange(n - 1),), "B": (0, n - 2), "END": (n - 1,)},
            targets=(target(n - 1), target(n - 2)),
        )
        for i, n in enumerate(lengths)
    )
    return Dataset(examples, metric, "0" * 64)


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


Nested = st.SearchStrategy[Variant]


def versions(nested: Nested | None) -> st.SearchStrategy[Version | Variant]:
    """Live, ablated or, where ``nested`` is given, taken from a variant's run."""
    return st.sampled_from(Version) if nested is None else st.sampled_from(Version) | nested


def node_overrides(
    shape: ModelShape, most: int = 8, nested: Nested | None = None
) -> st.SearchStrategy[list[Override]]:
    nodes = st.sampled_from(sources(shape))
    return st.lists(st.builds(Override, nodes, positions, versions(nested)), max_size=most)


def node_variants(shape: ModelShape, nested: Nested | None = None) -> Nested:
    overrides = node_overrides(shape, nested=nested).map(tuple)
    return st.builds(Variant, st.sampled_from(Version), overrides)


def edge_overrides(
    shape: ModelShape, most: int = 12, nested: Nested | None = None
) -> st.SearchStrategy[list[Override]]:
    edges = st.sampled_from(list(shape.edges()))
    return st.lists(
        st.builds(Override, edges, positions, versions(nested)), min_size=1, max_size=most
    )


def reader_overrides(shape: ModelShape, nested: Nested) -> st.SearchStrategy[list[Override]]:
    readers = st.sampled_from([Reader(node, port) for node in shape.nodes for port in node.ports])
    return st.lists(st.builds(Override, readers, positions, nested), min_size=1, max_size=3)


@st.composite
def variants(draw: st.DrawFn, shape: ModelShape, depth: int = 0) -> Variant:
    """Overrides on a few nodes, edges, on both, or on a share of all edges; with ``depth`` also on
    ports, and with values of other variants' runs."""
    nested = variants(shape, depth - 1) if depth else None
    nodes = node_overrides(shape, 3 if depth else 8, nested)
    edges = edge_overrides(shape, 3 if depth else 12, nested)
    kinds = {
        "nodes": nodes,
        "edges": edges,
        "both": st.builds(list.__add__, nodes, edges),
        "many": st.builds(
            lambda all_, at, every: [Override(e, at, Version.LIVE) for e in all_[::every]],
            st.permutations(list(shape.edges())),
            positions,
            st.integers(1, 4),
        ),
    }
    if nested is not None:
        readers = reader_overrides(shape, nested)
        kinds |= {"readers": readers, "all": st.builds(lambda a, b: a + b, nodes, readers)}
    overrides = draw(kinds[draw(st.sampled_from(sorted(kinds)))])
    return Variant(draw(st.sampled_from(Version)), tuple(overrides))


def by_edges(variant: Variant, shape: ModelShape) -> Variant:
    """The same variant, said of every edge that leaves a node; so are those nested in it."""

    def lowered(version: Version | Variant) -> Version | Variant:
        return by_edges(version, shape) if isinstance(version, Variant) else version

    of_nodes = [
        Override(Edge(what, target, port), at, lowered(version))
        for what, at, version in variant.overrides
        if isinstance(what, Node)
        for target in shape.nodes
        if feeds(what, target)
        for port in target.ports
    ]
    others = [
        Override(what, at, lowered(version))
        for what, at, version in variant.overrides
        if not isinstance(what, Node)
    ]
    # Also says nothing new, where there is no override at all, but says it of an edge.
    anything = Override(next(shape.edges()), EVERYWHERE, variant.default)
    return Variant(variant.default, (anything, *of_nodes, *others))

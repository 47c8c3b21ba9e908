"""Canonical text: the same for equal requests, different for different ones, and pinned."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.names import INPUT, Edge, Node, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.plan.canonical import Canon
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.variant import MODEL, Override, Variant, Version

nodes = st.one_of(
    st.just(INPUT),
    st.builds(head, st.integers(0, 2), st.integers(0, 2)),
    st.builds(mlp, st.integers(0, 2)),
)
edges = st.builds(Edge, nodes, nodes, st.sampled_from([None, "q", "k", "v"]))
places = st.builds(
    Positions, st.frozensets(st.sampled_from(["A", "B", "A,B", 'S"1']), max_size=3), st.booleans()
)
variants = st.builds(
    Variant,
    st.sampled_from(Version),
    st.lists(
        st.builds(Override, st.one_of(nodes, edges), places, st.sampled_from(Version)), max_size=3
    ).map(tuple),
)
requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        Evaluation,
        variants,
        st.sampled_from(["metric", "accuracy", "kl"]),
        st.none() | st.integers(1, 3),
        st.sampled_from([None, "search", "report"]),
    ),
    st.builds(Attention, nodes, st.sampled_from("AB"), st.sampled_from("AB")),
    st.builds(
        RepeatedTokens,
        nodes,
        st.sampled_from(["previous", "duplicate"]),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
    st.builds(
        Copying,
        nodes,
        st.lists(st.sampled_from("AB")).map(tuple),
        st.sampled_from(["positive", "negative"]),
        st.integers(1, 3),
    ),
    st.builds(
        Composition,
        nodes,
        nodes,
        st.sampled_from("qkv"),
        st.sampled_from(["score", "random"]),
        st.integers(1, 3),
        st.integers(0, 2),
    ),
)


@settings(max_examples=400)
@given(requests, requests)
def test_different_requests_have_different_texts(one: Request, other: Request) -> None:
    same = type(one) is type(other) and one == other
    assert (Canon().text(one) == Canon().text(other)) is same


@settings(max_examples=200)
@given(requests, requests)
def test_what_was_written_before_changes_nothing(one: Request, other: Request) -> None:
    used = Canon()
    used.text(other)
    assert used.text(one) == Canon().text(one)


@given(variants, variants)
def test_variants_written_out_differ_where_they_do(one: Variant, other: Variant) -> None:
    assert (Canon().variant(one) == Canon().variant(other)) is (one == other)


def test_the_text_of_a_variant() -> None:
    at = Positions(frozenset({"END", "A"}))
    variant = Variant(Version.ABLATED, (Override(head(3, 1), at, Version.LIVE),))
    assert Canon().variant(variant) == (
        "Variant(default=Version.ABLATED,overrides=[Override("
        'at=Positions(complement=false,names={"A","END"}),'
        'version=Version.LIVE,what=Node(head=1,kind="head",layer=3))])'
    )


def test_the_text_of_a_request_holds_its_variants_digest() -> None:
    digest = hashlib.sha256(b"Variant(default=Version.LIVE,overrides=[])").hexdigest()
    assert Canon().text(Evaluation(MODEL)) == (
        f'Evaluation(ablation=null,examples=null,half=null,reading="metric",variant=@{digest})'
    )


def test_records_that_are_equal_as_tuples_are_told_apart() -> None:
    texts = {Canon().text(value) for value in (Node(1, "mlp", 2), (1, "mlp", 2), [1, "mlp", 2])}
    assert len(texts) == 2
    assert Canon().text(True) != Canon().text(1)
    assert Canon().text("null") != Canon().text(None)


def test_a_variant_inside_an_override_counts() -> None:
    def holding(version: object) -> Variant:
        return Variant(Version.LIVE, (Override(INPUT, EVERYWHERE, version),))  # type: ignore[arg-type]

    texts = {Canon().variant(holding(v)) for v in (Version.LIVE, MODEL, holding(MODEL))}
    assert len(texts) == 3


def test_other_kinds_of_values_are_refused() -> None:
    with pytest.raises(TypeError, match="no canonical text for a object"):
        Canon().text(object())


def test_hash_seeds_change_nothing() -> None:
    code = (
        "from circuitlang.plan.canonical import Canon;"
        "from circuitlang.circuit.positions import Positions;"
        "print(Canon().text(Positions(frozenset('ABCDEFGH'))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1

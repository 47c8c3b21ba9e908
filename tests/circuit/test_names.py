from __future__ import annotations

from random import Random

import pytest

from circuitlang.circuit.names import (
    INPUT,
    LOGITS,
    Edge,
    feeds,
    head,
    mlp,
    parse_edge,
    parse_node,
)


@pytest.mark.parametrize("node", [INPUT, LOGITS, head(9, 6), head(0, 11), mlp(3)])
def test_a_node_is_read_back_from_its_name(node: object) -> None:
    assert parse_node(str(node)) == node


@pytest.mark.parametrize("text", ["9.6", "a9h6", "a9.h", "m", "A9.H6", "a9.h6 ", "resid", ""])
def test_other_texts_name_no_node(text: str) -> None:
    assert parse_node(text) is None


@pytest.mark.parametrize("text", ["a9.h9->logits", "m0->a1.h0<q>", "input->m2"])
def test_an_edge_is_read_back_from_its_name(text: str) -> None:
    assert str(parse_edge(text)) == text


@pytest.mark.parametrize("text", ["a9.h9", "a9.h9->", "x->logits", "m0->a1.h0<z>"])
def test_other_texts_name_no_edge(text: str) -> None:
    assert parse_edge(text) is None


def test_order_is_order_of_evaluation() -> None:
    nodes = [INPUT, head(0, 0), head(0, 11), mlp(0), head(1, 0), mlp(1), LOGITS]
    assert sorted(Random(0).sample(nodes, len(nodes))) == nodes


def test_heads_feed_the_mlp_of_their_layer_but_not_each_other() -> None:
    assert feeds(head(2, 0), mlp(2))
    assert not feeds(head(2, 0), head(2, 1))
    assert not feeds(mlp(2), head(2, 0))


def test_nothing_feeds_the_input_or_reads_the_logits() -> None:
    assert not feeds(INPUT, INPUT)
    assert not feeds(LOGITS, mlp(0))
    assert not feeds(mlp(0), INPUT)
    assert feeds(INPUT, LOGITS)


def test_an_edge_without_port_prints_without_one() -> None:
    assert str(Edge(mlp(0), LOGITS)) == "m0->logits"

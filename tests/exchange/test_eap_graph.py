from __future__ import annotations

import json

import pytest

from circuitlang.circuit.names import head, mlp
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_graph import (
    GraphNode,
    graph_edges,
    graph_nodes,
    write_graph,
)
from tests.exchange.graphs import BARE, FOREIGN


def test_a_foreign_file_comes_back_as_it_was() -> None:
    graph, found = read_graph(FOREIGN)
    assert graph is not None
    assert found == ()
    assert write_graph(graph) == FOREIGN


def test_bare_nan_is_read_and_written() -> None:
    assert "NaN" in FOREIGN
    graph, _ = read_graph(FOREIGN)
    assert graph is not None
    score = graph.nodes["m0"].score
    assert score is not None
    assert score != score  # noqa: PLR0124


def test_bare_nodes_are_read_with_the_neurons_beside_them() -> None:
    graph, _ = read_graph(BARE)
    assert graph is not None
    assert graph.bare_nodes
    assert not graph.extra
    assert graph.nodes["a0.h0"] == GraphNode(False)
    assert graph.nodes["m0"] == GraphNode(True, None, (True, False), (0.25, -1.0))
    again, _ = read_graph(write_graph(graph))
    assert again is not None
    assert (again.nodes, again.edges, again.bare_nodes) == (graph.nodes, graph.edges, False)


def test_the_whole_graph_of_gpt2_has_the_known_size() -> None:
    assert sum(1 for _ in graph_nodes(12, 12)) == 158
    assert sum(1 for _ in graph_edges(12, 12, parallel=False)) == 32_491


def test_parallel_blocks_have_no_edge_from_a_head_to_its_mlp() -> None:
    pairs = {(edge.source, edge.target) for edge in graph_edges(2, 2, parallel=True)}
    assert (head(0, 0), mlp(0)) not in pairs
    assert (head(0, 0), mlp(1)) in pairs


def test_order_within_a_layer_is_source_head_port_then_mlp() -> None:
    names = [str(edge) for edge in graph_edges(1, 2, parallel=False)]
    assert names == [
        *(f"input->a0.h{h}<{p}>" for h in (0, 1) for p in "qkv"),
        *(f"{source}->m0" for source in ("input", "a0.h0", "a0.h1")),
        *(f"{source}->logits" for source in ("input", "a0.h0", "a0.h1", "m0")),
    ]


def _changed(**sections: object) -> str:
    return json.dumps({**json.loads(FOREIGN), **sections})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        "null",
        '{"cfg": {}}',
        _changed(cfg={"n_layers": 0, "n_heads": 2}),
        _changed(cfg={"n_layers": 10**9, "n_heads": 2}),
        _changed(cfg={"n_layers": True, "n_heads": 2}),
        _changed(nodes={"a7.h0": {"in_graph": True}}),
        _changed(nodes={"a0.h0": True, "m0": {"in_graph": True}}),
        _changed(nodes={"a0.h0": {"in_graph": 1}}),
        _changed(nodes={"m0": {"in_graph": True, "neurons": "all"}}),
        _changed(edges={"a0.h0->a1.h0": {"in_graph": True}}),
        _changed(edges={"m0->logits": {"in_graph": True, "score": "high"}}),
        _changed(edges={"m0->a0.h0<q>": {"in_graph": True}}),
        _changed(edges={"a00.h0->logits": {"in_graph": True}}),
        _changed(nodes={"m" + "9" * 5000: {"in_graph": True}}),
        b"\xff\xfe",
        '{"cfg": {}, "cfg": {}}',
        _changed(edges=[]),
        '{"cfg": {"n_layers": ' + "9" * 5000 + "}}",
    ],
)
def test_a_malformed_file_is_one_finding(text: str | bytes) -> None:
    graph, found = read_graph(text)
    assert graph is None
    assert [d.code for d in found] == ["bad-graph-file"]

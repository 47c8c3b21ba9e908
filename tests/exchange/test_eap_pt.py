from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_graph import Graph, GraphEdge, GraphNode, graph_edges
from circuitlang.exchange.formats import read
from tests.exchange.circuits import edges_of
from tests.exchange.tensors import saved, tensors
from tests.exchange.test_hostile import sound


def graph_of(data: dict[Any, Any]) -> Graph:
    graph, found = read_graph(saved(data))
    assert graph is not None, found
    return graph


def test_each_edge_has_the_mark_and_the_score_of_its_place() -> None:
    data = tensors(2, 3, 4)
    data["edges_in_graph"][data["src_nodes"].index("a0.h1"), data["dst_nodes"].index("m1")] = True
    graph = graph_of(data)
    assert list(graph.edges) == [str(edge) for edge in graph_edges(2, 3, parallel=False)]
    for name, edge in graph.edges.items():
        source, _, reader = name.partition("->")
        place = data["src_nodes"].index(source), data["dst_nodes"].index(reader)
        assert edge == GraphEdge(name == "a0.h1->m1", float(data["edges_scores"][place]))


def test_marks_come_in_as_a_circuit() -> None:
    data = tensors(1, 2, 4)
    for source, reader in (("input", "a0.h1<k>"), ("a0.h1", "m0"), ("m0", "logits")):
        row, column = data["src_nodes"].index(source), data["dst_nodes"].index(reader)
        data["edges_in_graph"][row, column] = True
    imported, found = read(saved(data), "eap-ig")
    assert imported is not None, found
    assert edges_of(imported) == {
        Edge(INPUT, head(0, 1), "k"),
        Edge(head(0, 1), mlp(0)),
        Edge(mlp(0), LOGITS),
    }


def test_marks_against_the_order_of_layers_are_counted() -> None:
    data = tensors(2, 1, 4)
    data["edges_in_graph"][data["src_nodes"].index("a1.h0")] = True
    graph = graph_of(data)
    assert graph.impossible == {"a1.h0": len(data["dst_nodes"]) - 2}
    imported, _ = read(saved(data), "mib")
    assert imported is not None
    assert edges_of(imported) == {Edge(head(1, 0), mlp(1)), Edge(head(1, 0), LOGITS)}
    assert (7, "marks on edges that no model has") in [
        (one.number, one.what) for one in imported.report.dropped
    ]


def test_scores_of_nodes_and_neurons_are_read() -> None:
    data = tensors(1, 1, 2)
    nodes = len(data["src_nodes"])
    data["nodes_in_graph"][1] = True
    data["nodes_scores"] = torch.arange(nodes, dtype=torch.float32)
    data["neurons_in_graph"] = torch.tensor([[False, True]] * nodes)
    data["neurons_scores"] = torch.full((nodes, 2), 0.5)
    graph = graph_of(data)
    assert graph.nodes["a0.h0"] == GraphNode(True, 1.0, (False, True), (0.5, 0.5))
    assert graph.nodes["logits"] == GraphNode(True)


def test_further_keys_are_counted_and_not_kept() -> None:
    graph = graph_of(tensors(1, 1, 2) | {"made_by": "x"} | dict[Any, Any]({7: "y"}))
    assert graph.extra == {"made_by": None, "7": None}


class _Own:
    """A class that nobody knows."""


WRONG: list[tuple[Callable[[dict[Any, Any]], object], str]] = [
    (lambda data: data.pop("cfg"), "has no field `cfg`"),
    (lambda data: data["cfg"].pop("n_layers"), "`$.cfg.n_layers`"),
    (lambda data: data.pop("edges_in_graph"), "has no field `edges_in_graph`"),
    (lambda data: data.update(edges_in_graph=torch.zeros(3, 3)), "has (3, 3); a tensor of 3 x 5"),
    (lambda data: data.update(edges_in_graph=[[1]]), "is none"),
    (lambda data: data.update(neurons_in_graph=torch.zeros(2, 2)), "has (2, 2); a tensor of 3 x 2"),
    (lambda data: data["src_nodes"].reverse(), "in order"),
    (lambda data: data["dst_nodes"].reverse(), "in order"),
    (lambda data: data.update(edges_scores=torch.zeros(5, 3).t()), "row-major"),
    (lambda data: data.update(edges_scores=torch.zeros(3, 5).half()), "torch.HalfStorage"),
    (lambda data: data.update(edges_scores=torch.zeros(3, 5).to_sparse()), "sparse"),
    (lambda data: data.update(x=_Own()), "_Own"),
    (lambda data: data.update(x=[torch.zeros(1) for _ in range(99)]), "more than 64 tensors"),
]


@pytest.mark.parametrize(("spoil", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said(spoil: Callable[[dict[Any, Any]], object], said: str) -> None:
    data = tensors(1, 1, 2)
    spoil(data)
    graph, (found,) = read_graph(saved(data))
    assert graph is None
    assert found.code in ("bad-graph-file", "unsafe-pickle")
    assert said in found.message


def test_a_file_from_before_archives_is_refused() -> None:
    graph, (found,) = read_graph(saved(tensors(1, 1, 2), _use_new_zipfile_serialization=False))
    assert graph is None
    assert "before version 1.6" in found.message


def test_a_pickle_that_runs_code_does_not_run_it(tmp_path: Path) -> None:
    witness = tmp_path / "ran"

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return (open, (str(witness), "w"))

    graph, (found,) = read_graph(saved({**tensors(1, 1, 2), "x": Attack()}))
    assert graph is None
    assert found.code == "unsafe-pickle"
    assert not witness.exists()


CONTENT = saved(tensors(1, 1, 2))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_archive_with_some_bytes_changed(data: st.DataObject) -> None:
    content = bytearray(CONTENT)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    sound(bytes(content), "eap-ig")


@pytest.mark.parametrize("end", [100, 1000, len(CONTENT) - 1])
def test_an_archive_that_is_cut_off_is_refused(end: int) -> None:
    graph, (found,) = read_graph(CONTENT[:end])
    assert graph is None
    assert "damaged" in found.message


def test_a_graph_of_a_large_model_is_read_in_seconds() -> None:
    start = time.process_time()
    graph = graph_of(tensors(24, 14, 8))
    assert len(graph.edges) == 179_749
    assert time.process_time() - start < 20

"""What goes out comes back: random circuits through the formats that carry them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.check import check
from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_ig import import_graph, whole_graph
from circuitlang.exchange.format import Imported, Options
from circuitlang.exchange.formats import export, read
from circuitlang.syntax.format import format_source
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.check.specs import TODAY
from tests.exchange.circuits import circuits, edges_of


def there_and_back(circuit: Circuit, name: str) -> Imported:
    exported, found = export(circuit, name)
    assert exported is not None, found
    imported, problems = read(exported.text.encode(), name)
    assert imported is not None, problems
    assert not problems
    return imported


@settings(deadline=None, max_examples=6)
@given(circuits(), st.sampled_from(["eap-ig", "mib"]))
def test_a_graph_file_gives_the_whole_circuit_back(circuit: Circuit, name: str) -> None:
    back = there_and_back(circuit, name)
    again, _ = check(back.file, back.source, Path("/nonexistent"), TODAY)
    assert again == circuit
    assert back.text == circuit.source.text


@settings(deadline=None, max_examples=6)
@given(circuits())
def test_marks_alone_give_the_edges_back(circuit: Circuit) -> None:
    from circuitlang.exchange.eap_graph import write_graph

    bare = write_graph(whole_graph(circuit, circuit.edges, circuit.members))
    imported, _ = import_graph(bare)
    assert imported is not None
    assert edges_of(imported) == set(circuit.edges)


@settings(deadline=None, max_examples=40)
@given(circuits())
def test_edge_pruning_gives_the_edges_back(circuit: Circuit) -> None:
    assert edges_of(there_and_back(circuit, "edge-pruning")) == set(circuit.edges)


@settings(deadline=None, max_examples=40)
@given(circuits())
def test_what_is_imported_parses_and_is_formatted(circuit: Circuit) -> None:
    text = there_and_back(circuit, "edge-pruning").text
    file, found = parse(Source(text))
    assert not found
    assert file.circuit is not None
    assert format_source(Source(text))[0] == text


@settings(deadline=None, max_examples=6)
@given(circuits(positions=False))
def test_scores_come_along(circuit: Circuit) -> None:
    graph = whole_graph(circuit, circuit.edges, circuit.members)
    exported, _ = export(circuit, "eap-ig", Options(scores=graph))
    assert exported is not None
    back, _ = read_graph(exported.text)
    assert back is not None
    assert back.edges == graph.edges

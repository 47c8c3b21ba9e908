from __future__ import annotations

import json
from dataclasses import replace

import pytest

from circuitlang.check import check
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.graph import edge_names
from circuitlang.circuit.names import INPUT, LOGITS, Edge, mlp
from circuitlang.circuit.shape import ModelShape
from circuitlang.exchange.eap_graph import Graph, write_graph
from circuitlang.exchange.eap_ig import export_graph, import_graph
from circuitlang.exchange.format import Imported, Options
from circuitlang.exchange.formats import export, read
from circuitlang.syntax.diagnostic import Severity
from circuitlang.syntax.print import print_file
from circuitlang.syntax.strict_json import RefusedError
from tests.check.specs import SPECS, TODAY, checked, load, spec
from tests.exchange.circuits import edges_of
from tests.exchange.graphs import BARE, FOREIGN

TINY = ModelShape("tiny", 1, 2, 2, 3, 2, 12, 100, 64)


def imported(text: str) -> Imported:
    result, found = import_graph(text)
    assert result is not None
    assert not found
    return result


@pytest.mark.parametrize("name", ["ioi", "ioi_naive", "greater_than"])
def test_an_exported_circuit_comes_back_whole(name: str) -> None:
    circuit = load(f"gpt2/{name}.circuit")
    text = export_graph(circuit)
    back = imported(text)
    again, _ = check(back.file, back.source, SPECS / "gpt2", TODAY)
    assert again == circuit
    assert again is not None
    assert export_graph(again) == text


def test_flags_are_the_kept_edges() -> None:
    circuit = load("gpt2/ioi.circuit")
    data = json.loads(export_graph(circuit))
    assert {name for name, edge in data["edges"].items() if edge["in_graph"]} == edge_names(circuit)
    assert list(data["cfg"]) == ["n_layers", "n_heads", "parallel_attn_mlp", "d_model"]
    assert (len(data["nodes"]), len(data["edges"])) == (158, 32_491)
    assert data["nodes"]["logits"] == {"in_graph": True}


def written_out(foreign: Imported) -> Circuit:
    """The imported circuit with the model, task and policy that its author adds."""
    text = print_file(foreign.file)
    start = text.index("{") + 1
    end = text.rindex("}")
    circuit, _ = checked(spec(text[start:end], model='model "hf:someone/tiny"'))
    assert circuit is not None
    return replace(circuit, shape=TINY)


def test_a_foreign_file_round_trips_with_its_scores() -> None:
    foreign = imported(FOREIGN)
    circuit = written_out(foreign)
    assert isinstance(foreign.scores, Graph)
    text = export_graph(circuit, scores=foreign.scores)
    back = imported(text)
    assert isinstance(back.scores, Graph)
    assert write_graph(replace(back.scores, extra={})) == FOREIGN
    assert back.source.text == circuit.source.text
    assert export_graph(circuit, scores=back.scores) == text


def test_a_foreign_file_becomes_one_role_and_an_edge_a_pair() -> None:
    text = print_file(imported(FOREIGN).file)
    assert "role members at any attending any {\n    head a0.h0\n    mlp m0\n  }" in text
    assert "edge input -> a0.h0 via q, v" in text
    assert text.count("edge ") == 3
    assert "model" not in text


def test_a_graph_of_bare_nodes_is_imported() -> None:
    found = imported(BARE)
    assert edges_of(found) == {Edge(INPUT, mlp(0)), Edge(mlp(0), LOGITS)}
    assert [(one.number, one.what) for one in found.report.dropped] == [
        (2, "scores of nodes and edges"),
        (1, "nodes' scores of neurons"),
        (1, "nodes' marks of neurons"),
    ]


def test_a_graph_that_only_ranks_gives_an_empty_circuit_and_a_warning() -> None:
    data = json.loads(FOREIGN)
    for part in (*data["nodes"].values(), *data["edges"].values()):
        part["in_graph"] = False
    result, (found,) = read(json.dumps(data).encode(), "eap-ig")
    assert result is not None
    assert result.text == "edition 1\n\ncircuit imported {}\n"
    assert (found.code, found.severity) == ("empty-import", Severity.WARNING)
    assert found.help is not None
    assert "compare --ranked" in found.help


def test_further_keys_of_a_file_are_counted() -> None:
    found = imported(json.dumps({**json.loads(FOREIGN), "author": "x", "\x1b[0m": 1}))
    last = found.report.dropped[-1]
    assert (last.number, last.what) == (2, "other fields")
    assert last.why == "a `.circuit` has no place for `author`, `�[0m`"


def test_changed_marks_count_more_than_the_carried_text() -> None:
    data = json.loads(export_graph(load("gpt2/ioi.circuit")))
    data["edges"]["a9.h6->logits"]["in_graph"] = False
    result, found = import_graph(json.dumps(data))
    assert [d.code for d in found] == ["graph-differs"]
    assert result is not None
    assert "edge a9.h6 -> logits" not in print_file(result.file)


@pytest.mark.parametrize(
    "carried",
    ["circuit {", "# " + "x" * (2 << 20), 'edition 1\ncircuit x {\n  doc "\ud800"\n}\n'],
    ids=["broken", "huge", "half-character"],
)
def test_a_carried_text_that_cannot_be_read_is_said(carried: str) -> None:
    data = json.loads(FOREIGN)
    marked = [name for name, edge in data["edges"].items() if edge["in_graph"]]
    data["circuitlang"] = {"source": carried, "edges": dict.fromkeys(marked, "any")}
    result = imported(json.dumps(data))
    assert not result.source.text
    assert "the marks count" in result.report.assumed[-1]


def test_scores_of_another_model_are_refused() -> None:
    foreign = imported(FOREIGN).scores
    exported, (found,) = export(load("gpt2/ioi_naive.circuit"), "eap-ig", Options(foreign))
    assert exported is None
    assert found.code == "cannot-export"
    assert "their `$.cfg.n_layers` is 1, and the circuit's is 12" in found.message


def test_a_graph_needs_the_shape() -> None:
    with pytest.raises(RefusedError, match="shape"):
        export_graph(replace(load("gpt2/ioi.circuit"), shape=None))

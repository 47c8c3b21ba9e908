from __future__ import annotations

import json

import pytest

from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.exchange.acdc import read
from circuitlang.exchange.report import Dropped
from tests.exchange.circuits import edges_of
from tests.exchange.samples import ACDC_GRAPH


def test_the_edges_and_those_from_the_embedding() -> None:
    found, problems = read(json.dumps(ACDC_GRAPH).encode())
    assert found is not None, problems
    assert edges_of(found) == {
        Edge(mlp(10), LOGITS),
        Edge(head(7, 10), mlp(10)),
        Edge(mlp(0), head(7, 10), "v"),
        Edge(INPUT, head(7, 10), "q"),
        Edge(INPUT, mlp(0)),
    }
    assert found.report.dropped == (
        Dropped(2, "edges inside a component", "a head is one node with three ports"),
    )


def test_a_file_without_edges_from_the_embedding_says_so() -> None:
    found, _ = read(json.dumps({**ACDC_GRAPH, "extra": []}).encode())
    assert found is not None
    assert "leaves those of `hook_embed`" in found.report.assumed[-1]


@pytest.mark.parametrize(
    ("sender", "receiver", "said"),
    [
        ("head.7.10.q", "mlp.9", "`$.original[0].from`"),
        ("mlp.9", "head.10.1", "`$.original[0].to`"),
        ("mlp.9", "mlp.9", "order of layers"),
        ("blocks.1.hook_resid_pre", "mlp.9", "a sender was needed"),
    ],
)
def test_what_is_no_edge_is_refused_with_its_path(sender: str, receiver: str, said: str) -> None:
    graph = {"original": [{"from": sender, "to": receiver}], "extra": []}
    result, (found,) = read(json.dumps(graph).encode())
    assert result is None
    assert said in found.message

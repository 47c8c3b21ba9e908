from __future__ import annotations

from circuitlang.circuit.positions import Positions
from tests.check.specs import load


def test_components_bear_their_roles_and_positions() -> None:
    graph = load("gpt2/ioi.circuit").graph
    mover = graph.nodes["a9.h6"]
    assert (mover["kind"], mover["layer"], mover["roles"]) == ("head", 9, ("name_mover",))
    assert mover["positions"] == Positions.of(["END"])
    assert graph.nodes["m3"]["positions"] is None


def test_ports_are_joined_to_their_heads() -> None:
    graph = load("gpt2/ioi.circuit").graph
    assert set(graph.predecessors("a9.h6")) == {"a9.h6<q>", "a9.h6<k>", "a9.h6<v>"}
    assert "a7.h3" in graph.predecessors("a9.h6<q>")


def test_every_kept_edge_is_drawn_once() -> None:
    circuit = load("gpt2/ioi.circuit")
    drawn = [data for _, _, data in circuit.graph.edges(data=True) if "claimed" in data]
    assert len(drawn) == len(circuit.edges)
    assert sum(data["claimed"] for data in drawn) == len(circuit.claimed_edges)


def test_graph_has_no_cycle() -> None:
    import networkx as nx

    assert nx.is_directed_acyclic_graph(load("gpt2/greater_than.circuit").graph)

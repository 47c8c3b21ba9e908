"""Drawings, read back by parsers that are not ours: pydot, networkx, and a grammar of Mermaid."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import networkx as nx
import pydot
import pytest
from hypothesis import given, settings
from lark import Lark, Tree

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.attributes import graph_attributes
from circuitlang.exchange.draft import plain
from circuitlang.exchange.format import Options
from circuitlang.exchange.formats import export
from circuitlang.exchange.picture import arrows, boxes, role_label
from tests.check.specs import load
from tests.exchange.circuits import circuits

# pydot's own, about pyparsing.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

MERMAID = Lark(
    r"""
    start: "flowchart BT" NL "accTitle:" ID NL (subgraph | node | edge | style)*
    subgraph: "subgraph" ID "[" LABEL "]" NL node* "end" NL
    node: ID "[" LABEL "]" NL
    edge: ID LINE ["|" LABEL "|"] ID NL
    style: STYLE NL "class" ID ("," ID)* "disputed" NL
    STYLE.2: "classDef disputed stroke-dasharray: 5 5"
    LINE: "-->" | "-.->"
    ID: /[a-z][a-z0-9_]*/
    LABEL: /"[^"<>`&|\n]*"/
    NL: "\n"
    %ignore " "
    """,
    parser="lalr",
)


def written(circuit: Circuit, name: str) -> str:
    exported, found = export(circuit, name)
    assert exported is not None, found
    return exported.text


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text.strip('"'))


def label_of(item: Any) -> str:
    return unquoted(item.get_label())


@settings(deadline=None, max_examples=6)
@given(circuits(keep=False))
def test_dot_has_every_role_node_and_arrow(circuit: Circuit) -> None:
    graphs = pydot.graph_from_dot_data(written(circuit, "dot"))
    assert graphs is not None
    (graph,) = graphs
    inside, outside = boxes(circuit)
    clusters = {label_of(box): box for box in graph.get_subgraphs()}
    assert set(clusters) == {role_label(role) for role in circuit.roles.values()}
    for name, nodes in inside.items():
        box = clusters[role_label(circuit.roles[name])]
        assert {unquoted(str(n.get_name())) for n in box.get_nodes()} == set(map(str, nodes))
    loose = {unquoted(str(node.get_name())) for node in graph.get_nodes()}
    assert loose - {"graph", "node", "edge"} == set(map(str, outside))
    drawn = {
        (unquoted(str(e.get_source())), unquoted(str(e.get_destination())), label_of(e))
        for e in graph.get_edges()
    }
    assert drawn == {
        (str(one.source), str(one.target), "\n".join(one.label)) for one in arrows(circuit)
    }


@settings(deadline=None, max_examples=20)
@given(circuits())
def test_mermaid_has_every_role_node_and_arrow(circuit: Circuit) -> None:
    found = MERMAID.parse(written(circuit, "mermaid"))

    def ids(tree: Tree[Any]) -> list[str]:
        return [str(leaf) for leaf in tree.children if getattr(leaf, "type", "") == "ID"]

    subgraphs = {ids(tree)[0]: tree for tree in found.find_data("subgraph")}
    assert set(subgraphs) == {f"role_{name}" for name in circuit.roles}
    nodes = [ids(tree)[0] for tree in found.find_data("node")]
    assert len(nodes) == len(set(nodes))
    drawn = {tuple(ids(tree)) for tree in found.find_data("edge")}
    named = {(str(one.source), str(one.target)) for one in arrows(circuit)}
    assert drawn == {(a.replace(".", "_"), b.replace(".", "_")) for a, b in named}
    assert {end for edge in drawn for end in edge} <= set(nodes)


@settings(deadline=None, max_examples=20)
@given(circuits())
def test_graphml_and_node_link_are_the_same_graph_to_networkx(circuit: Circuit) -> None:
    xml = nx.read_graphml(io.BytesIO(written(circuit, "graphml").encode()), force_multigraph=True)
    link = nx.node_link_graph(json.loads(written(circuit, "node-link")), edges="edges")
    assert isinstance(link, nx.MultiDiGraph)
    assert {key for *_, key in link.edges(keys=True)} == set(map(str, circuit.edges))
    assert {key for *_, key in xml.edges(keys=True)} == set(map(str, circuit.edges))
    for edge, at in circuit.edges.items():
        for graph in (xml, link):
            found = graph.edges[str(edge.source), str(edge.target), str(edge)]
            assert found["at"] == str(at)
            assert (found["port"] or None) == edge.port
            assert found["claimed"] == (edge in circuit.claimed_edges)
    for name, attributes in link.nodes(data=True):
        assert {key: value for key, value in xml.nodes[name].items() if value != ""} == {
            key: value for key, value in attributes.items() if value != ""
        }
    assert link.graph == graph_attributes(circuit)
    assert xml.graph["doc"] == plain(circuit.doc or "")


@pytest.mark.parametrize("name", ["dot", "mermaid"])
def test_positions_and_doubt_are_shown(name: str) -> None:
    text = written(load("gpt2/ioi.circuit"), name)
    assert "name_mover at END attending IO" in text
    assert "q at END" in text
    assert "k, v at IO" in text
    assert "a0.h10?" in text


def test_a_flowchart_that_github_would_not_draw_is_announced() -> None:
    large, _ = export(load("ioi_smollm2.circuit"), "mermaid")
    small, _ = export(load("ioi_smollm2.circuit"), "mermaid", Options(claimed=True))
    assert large is not None
    assert small is not None
    assert "GitHub keeps them" in large.report.assumed[0]
    assert not small.report.assumed


def test_a_doc_without_a_printed_word_adds_nothing_to_the_title() -> None:
    circuit = replace(load("gpt2/ioi_naive.circuit"), doc="\x00 \x1b")
    assert 'graph [label="ioi_naive", ' in written(circuit, "dot")

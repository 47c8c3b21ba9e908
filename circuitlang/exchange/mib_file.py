"""One circuit file of a submission to MIB: whether MIB could load it and would read it rightly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_graph import MOST_BYTES, Graph
from circuitlang.exchange.mib import MODELS, SHARES
from circuitlang.exchange.torch_archive import is_archive, is_old
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.source import NOWHERE
from circuitlang.syntax.strict_json import shown

SUFFIXES = (".json", ".pt")


def load(path: Path, model: str) -> tuple[Graph | None, list[Diagnostic]]:
    """The file's graph, where MIB could load it as one of that model, and what is wrong with it.
    A file that cannot be looked at here has no graph and a warning."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return None, [wrong(f"it cannot be read: {error.strerror or error}".lower(), None)]
    if path.suffix == ".pt" and is_old(content):
        return None, [_unchecked("a .pt from before torch 1.6 was not looked into")]
    if is_archive(content) != (path.suffix == ".pt"):
        kind = "an archive of torch" if path.suffix == ".pt" else "a JSON text"
        return None, [wrong(f"it is not {kind}, as MIB takes it for by its name", None)]
    graph, problems = read_graph(content)
    if graph is None:
        return None, [wrong(problem.message, problem.help) for problem in problems]
    found = list(_refused(graph, model))
    return (None if found else graph), found


def _refused(graph: Graph, model: str) -> Iterator[Diagnostic]:
    """What ends MIB's reading of a graph: its sizes, bare nodes, neurons of another width."""
    wanted = MODELS[model]
    sizes = {"n_layers": wanted.n_layers, "n_heads": wanted.n_heads, "d_model": wanted.d_model}
    for key, value in {**sizes, "parallel_attn_mlp": False}.items():
        if graph.cfg.get(key) != value:
            has = shown(str(graph.cfg[key])) if key in graph.cfg else "absent"
            yield wrong(
                f"`$.cfg.{key}` is {has}; for {model} it is {str(value).lower()}",
                f'write "{key}": {str(value).lower()}',
            )
            return
    if graph.bare_nodes:
        yield wrong(
            "its nodes are bare flags, which MIB does not read",
            'write "a9.h9": {"in_graph": true} for "a9.h9": true',
        )
    for name, node in graph.nodes.items():
        widths = {len(one) for one in (node.neurons, node.neurons_scores) if one is not None}
        if widths - {wanted.d_model}:
            yield wrong(
                f'`$.nodes["{name}"]` has {min(widths - {wanted.d_model}):,} neurons; {model} has '
                f"{wanted.d_model:,}",
                None,
            )
            return


def importances(graph: Graph, model: str) -> Iterator[Diagnostic]:
    """What is wrong with a single file, which has to rank edges, nodes or neurons."""
    yield from _unscored(graph, Severity.ERROR, "MIB reads it")
    edges = [edge.score for edge in graph.edges.values() if edge.score is not None]
    nodes = [node.score for node in graph.nodes.values() if node.score is not None]
    neurons = any(node.neurons_scores is not None for node in graph.nodes.values())
    broken = sum(map(math.isnan, edges))
    if broken:
        yield wrong(
            f"edges with the score NaN, which sorts nowhere: {broken:,}", "score them 0.0, or anew"
        )
    if not any(edges) and not nodes and not neurons:
        yield wrong(
            "no edge, node or neuron has a score other than 0: a single file has to rank them",
            f"score the edges, or write {len(SHARES)} files with binary membership",
        )
    missing = MODELS[model].edges - len(graph.edges)
    if any(edges) and missing:
        yield _unchecked(
            f"{missing:,} of {model}'s {MODELS[model].edges:,} edges are not in the file; MIB "
            "scores them 0"
        )


def membership(graph: Graph) -> Iterator[Diagnostic]:
    """What is wrong with one of nine files, of which only the marks count."""
    yield from _unscored(
        graph,
        Severity.WARNING,
        "the evaluator of submissions takes them as 0, MIB's published reader stops",
    )


def _unscored(graph: Graph, severity: Severity, why: str) -> Iterator[Diagnostic]:
    bare = [name for name, edge in graph.edges.items() if edge.score is None]
    if bare:
        yield Diagnostic(
            "submission-file",
            f'edges without `score`: {len(bare):,}, the first `$.edges["{bare[0]}"]`; {why}',
            NOWHERE,
            help='write "score": 0.0 where only membership counts',
            severity=severity,
        )


def weighted(graph: Graph, model: str) -> float:
    """EAP-IG's ``weighted_edge_count``: an edge counts as much as its source has neurons left.
    Where a file has neurons, a node without them has none."""
    some = any(node.neurons is not None for node in graph.nodes.values())
    shares = {
        name: sum(node.neurons or ()) / MODELS[model].d_model if some else 1.0
        for name, node in graph.nodes.items()
    }
    default = 0.0 if some else 1.0
    marked = [name.partition("->")[0] for name, edge in graph.edges.items() if edge.in_graph]
    total = sum(shares.get(name, default) for name in marked)
    beside = (shares.get(name, default) * n for name, n in graph.impossible.items())
    return total + sum(beside)


def wrong(message: str, fix: str | None) -> Diagnostic:
    return Diagnostic("submission-file", message, NOWHERE, help=fix)


def _unchecked(message: str) -> Diagnostic:
    return Diagnostic("submission-unchecked", message, NOWHERE, severity=Severity.WARNING)

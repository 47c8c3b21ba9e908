"""Whether a folder may be submitted to MIB's leaderboard, and if not, what is wrong with it.

The rules are those of the README and of the code that reads submissions; docs/exchange.md lists
them with where each comes from. Nothing is run: a ``.pt`` file is a pickle and is not opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from circuitlang.exchange.eap_graph import MOST_BYTES, Graph, read_graph
from circuitlang.exchange.mib import (
    FOLDERS,
    LEAST_MODELS,
    LEAST_TASKS,
    MODELS,
    SHARES,
    most_edges,
    percent,
)
from circuitlang.syntax.diagnostic import Diagnostic, Findings, Severity
from circuitlang.syntax.source import NOWHERE, Source
from circuitlang.syntax.strict_json import shown

_SUFFIXES = (".json", ".pt")
_MOST_ENTRIES = 10_000


class Sized(NamedTuple):
    """A circuit file and how many edges it has, weighted as MIB weights them."""

    path: Path
    edges: float


def validate(folder: Path) -> tuple[Findings, ...]:
    """The findings about the submission, one `Findings` for each file or folder that has any.

    An error is what MIB refuses or would misread; a warning is what it passes over, or what could
    not be looked at here. Reads each file once and follows no symbolic link.
    """
    found = [(path, problem) for path, problem in _submission(folder)]
    paths = dict.fromkeys(path for path, _ in found)
    return tuple(
        Findings(Source("", str(path)), tuple(problem for at, problem in found if at == path))
        for path in paths
    )


Found = Iterator[tuple[Path, Diagnostic]]


def _submission(folder: Path) -> Found:
    entries, problem = _entries(folder)
    if problem:
        yield folder, problem
        return
    named: list[tuple[str, str]] = []
    for path in entries:
        if path.name.startswith(".") or not path.is_dir():
            yield path, _passed_over("it is no folder of a task and a model")
        elif path.is_symlink():
            yield path, _layout("it is a symbolic link, which no upload carries", "copy the folder")
        elif path.name not in FOLDERS:
            yield path, _misnamed(path.name)
        else:
            named.append(FOLDERS[path.name])
            yield from _circuits(path, FOLDERS[path.name][1])
    yield from ((folder, problem) for problem in _coverage(named))


def _coverage(named: Iterable[tuple[str, str]]) -> Iterator[Diagnostic]:
    pairs = list(named)
    tasks, models = sorted({task for task, _ in pairs}), sorted({model for _, model in pairs})
    if len(tasks) < LEAST_TASKS or len(models) < LEAST_MODELS:
        new = {
            name
            for name, (task, model) in FOLDERS.items()
            if (len(tasks) >= LEAST_TASKS or task not in tasks)
            and (len(models) >= LEAST_MODELS or model not in models)
        }
        yield Diagnostic(
            "submission-coverage",
            f"the submission has {_counted(tasks, 'task')} and {_counted(models, 'model')}; MIB "
            f"asks for at least {LEAST_TASKS} tasks and {LEAST_MODELS} models",
            NOWHERE,
            help="add a folder such as " + ", ".join(f"`{name}`" for name in sorted(new)[:3]),
        )


def _counted(names: list[str], what: str) -> str:
    listed = f" ({', '.join(names)})" if names else ""
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}{listed}"


def _entries(folder: Path) -> tuple[list[Path], Diagnostic | None]:
    """What a folder holds, in order of names."""
    try:
        with os.scandir(folder) as listing:
            names = [entry.name for entry, _ in zip(listing, range(_MOST_ENTRIES), strict=False)]
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return [], _layout(f"it cannot be read: {reason}", "name a folder with one folder a task")
    if len(names) >= _MOST_ENTRIES:
        return [], _layout(f"it has {_MOST_ENTRIES:,} entries or more", None)
    return [folder / name for name in sorted(names)], None


def _circuits(folder: Path, model: str) -> Found:
    entries, problem = _entries(folder)
    if problem:
        yield folder, problem
    circuits: list[Path] = []
    for path in entries:
        if path.is_symlink():
            yield path, _layout("it is a symbolic link, which no upload carries", "copy the file")
        elif path.suffix in _SUFFIXES and path.is_file():
            circuits.append(path)
        else:
            yield path, _passed_over(f"it is no {' or '.join(_SUFFIXES)} file")
    if len(circuits) not in (1, len(SHARES)):
        yield (
            folder,
            _layout(
                f"it has {len(circuits)} circuit files; MIB reads one with a score for every edge "
                f"or node, or {len(SHARES)} with binary membership",
                "write one circuit for at most "
                + ", ".join(map(percent, SHARES))
                + " % of the edges; an empty one for 0 % is not read",
            ),
        )
        return
    sized: list[Sized] = []
    for path in circuits:
        if path.suffix == ".pt":
            yield path, _unchecked()
            continue
        graph, problems = _graph(path, model)
        yield from ((path, problem) for problem in problems)
        if graph is not None and len(circuits) == 1:
            yield from ((path, problem) for problem in _importances(graph, model))
        elif graph is not None:
            sized.append(Sized(path, _weighted(graph)))
    if len(sized) == len(SHARES):
        yield from _sizes(sized, model)


def _graph(path: Path, model: str) -> tuple[Graph | None, Iterable[Diagnostic]]:
    """The file's graph, where MIB could load it as one of that model."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return None, [_file(f"it cannot be read: {error.strerror or error}".lower(), None)]
    graph, problems = read_graph(content)
    if graph is None:
        return None, [_file(problem.message, problem.help) for problem in problems]
    wanted = MODELS[model]
    sizes = {"n_layers": wanted.n_layers, "n_heads": wanted.n_heads, "d_model": wanted.d_model}
    for key, value in {**sizes, "parallel_attn_mlp": False}.items():
        if graph.cfg.get(key) != value:
            has = shown(str(graph.cfg[key])) if key in graph.cfg else "absent"
            return None, [
                _file(
                    f"`$.cfg.{key}` is {has}; for {model} it is {str(value).lower()}",
                    f'write "{key}": {str(value).lower()}',
                )
            ]
    return graph, _unscored(graph)


def _unscored(graph: Graph) -> list[Diagnostic]:
    """MIB's reader takes every edge's ``score``, also where only membership counts."""
    bare = [name for name, edge in graph.edges.items() if edge.score is None]
    if not bare:
        return []
    return [
        _file(
            f'{len(bare):,} edges have no `score`, the first `$.edges["{bare[0]}"]`; MIB reads it '
            "in every file",
            'write "score": 0.0 where only membership counts',
        )
    ]


def _importances(graph: Graph, model: str) -> Iterator[Diagnostic]:
    """A single file has to rank: edges, nodes, or neurons."""
    edges = [edge.score for edge in graph.edges.values() if edge.score is not None]
    nodes = [node.score for node in graph.nodes.values() if node.score is not None]
    neurons = any(node.neurons_scores is not None for node in graph.nodes.values())
    broken = sum(score != score for score in edges)  # noqa: PLR0124 - NaN
    if broken:
        yield _file(
            f"{broken:,} edges have the score NaN, which sorts nowhere", "score them 0.0, or anew"
        )
    if not any(edges) and not nodes and not neurons:
        yield _file(
            "no edge, node or neuron has a score other than 0: a single file has to rank them",
            f"score the edges, or write {len(SHARES)} files with binary membership",
        )
    missing = MODELS[model].edges - len(graph.edges)
    if any(edges) and missing:
        yield Diagnostic(
            "submission-unchecked",
            f"{missing:,} of {model}'s {MODELS[model].edges:,} edges are not in the file; MIB "
            "scores them 0",
            NOWHERE,
            severity=Severity.WARNING,
        )


def _weighted(graph: Graph) -> float:
    """EAP-IG's ``weighted_edge_count``: an edge counts as much as its source has neurons left."""
    shares = {
        name: sum(node.neurons) / max(len(node.neurons), 1)
        for name, node in graph.nodes.items()
        if node.neurons is not None
    }
    return sum(
        shares.get(name.partition("->")[0], 1.0)
        for name, edge in graph.edges.items()
        if edge.in_graph
    )


def _sizes(sized: Iterable[Sized], model: str) -> Found:
    """MIB sorts the nine by size and takes the first for 0.1 %, the second for 0.2 %, and so on."""
    ordered = sorted(sized, key=lambda one: one.edges)
    for (path, edges), share, most in zip(ordered, SHARES, most_edges(model), strict=True):
        if edges > most:
            yield (
                path,
                Diagnostic(
                    "submission-size",
                    f"the circuit has {edges:,g} edges, and by its size it stands for "
                    f"{percent(share)} % of {model}'s {MODELS[model].edges:,}: at most {most:,}",
                    NOWHERE,
                    help=f"leave out {edges - most:,g} edges, the weakest first",
                ),
            )


# --- diagnostics -----------------------------------------------------------------------------


def _layout(message: str, fix: str | None) -> Diagnostic:
    return Diagnostic("submission-layout", message, NOWHERE, help=fix)


def _file(message: str, fix: str | None) -> Diagnostic:
    return Diagnostic("submission-file", message, NOWHERE, help=fix)


def _passed_over(reason: str) -> Diagnostic:
    message = f"{reason}, and MIB passes it over"
    return Diagnostic("submission-unchecked", message, NOWHERE, severity=Severity.WARNING)


def _unchecked() -> Diagnostic:
    return Diagnostic(
        "submission-unchecked",
        "a .pt file is a pickle, which runs code when it is read; it was not opened",
        NOWHERE,
        help="write the graph with `Graph.to_json` to have it checked",
        severity=Severity.WARNING,
    )


def _misnamed(name: str) -> Diagnostic:
    task, _, model = name.rpartition("_")
    asked = f"{task.replace('_', '-').lower()}_{model.lower()}"
    near = [asked] if asked in FOLDERS else get_close_matches(asked, FOLDERS, n=1, cutoff=0.7)
    fix = f"did you mean `{near[0]}`?" if near else "one of " + ", ".join(FOLDERS)
    return _layout(f"`{shown(name)}` is no `<task>_<model>` that MIB has", fix)

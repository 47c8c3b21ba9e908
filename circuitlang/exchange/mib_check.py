"""Whether a folder may be submitted to MIB's leaderboard, and if not, what is wrong with it.

The rules are those of the README and of the code that reads submissions; docs/exchange.md lists
them with where each comes from. Nothing is run: of a ``.pt`` only plain data is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from circuitlang.exchange import mib_file
from circuitlang.exchange.mib import (
    FOLDERS,
    LEAST_MODELS,
    LEAST_TASKS,
    MODELS,
    SHARES,
    most_edges,
    percent,
)
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic, Findings, Severity
from circuitlang.syntax.source import NOWHERE, Source
from circuitlang.syntax.strict_json import shown

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
    if problem := _entries(folder)[1]:
        yield folder, problem
        return
    circuits, found = _listed(folder)
    yield from found
    for path in circuits:
        yield from _circuits(path, FOLDERS[path.name][1])
    yield from ((folder, one) for one in _coverage(FOLDERS[path.name] for path in circuits))


def _listed(folder: Path, within: bool = False) -> tuple[list[Path], list[tuple[Path, Diagnostic]]]:
    """The folders of a task and a model, and what is wrong with the other entries. The evaluator
    enters a folder such as ``abs_true``, whose circuits it takes for one of MIB's two measures."""
    entries, problem = _entries(folder)
    circuits: list[Path] = []
    found = [(folder, problem)] if problem else []
    for path in entries:
        if path.name.startswith(".") or not path.is_dir():
            found.append((path, _passed_over("it is no folder of a task and a model")))
        elif path.is_symlink():
            link = _layout("it is a symbolic link, which no upload carries", "copy the folder")
            found.append((path, link))
        elif not within and _is_measure(path.name):
            inner, beside = _listed(path, within=True)
            circuits += inner
            found += beside
        elif path.name not in FOLDERS:
            found.append((path, _misnamed(path.name)))
        else:
            circuits.append(path)
    return circuits, found


def _is_measure(name: str) -> bool:
    lower = name.lower()
    return "abs" in lower and ("true" in lower or "false" in lower)


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
            f"the submission has {_named(tasks, 'task')} and {_named(models, 'model')}; MIB "
            f"asks for at least {LEAST_TASKS} tasks and {LEAST_MODELS} models",
            NOWHERE,
            help="add a folder such as " + ", ".join(f"`{name}`" for name in sorted(new)[:3]),
        )


def _named(names: list[str], what: str) -> str:
    listed = f" ({', '.join(names)})" if names else ""
    return f"{counted(len(names), what)}{listed}"


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
        elif path.is_dir():
            yield (
                path,
                _layout(
                    "it is a folder; MIB counts one that holds circuits among the circuit files",
                    "move it out",
                ),
            )
        elif path.suffix in mib_file.SUFFIXES and path.is_file():
            circuits.append(path)
        else:
            yield path, _passed_over(f"it is no {' or '.join(mib_file.SUFFIXES)} file")
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
        graph, problems = mib_file.load(path, model)
        yield from ((path, problem) for problem in problems)
        if graph is not None and len(circuits) == 1:
            yield from ((path, one) for one in mib_file.importances(graph, model))
        elif graph is not None:
            yield from ((path, one) for one in mib_file.membership(graph))
            sized.append(Sized(path, mib_file.weighted(graph, model)))
    if len(sized) == len(SHARES):
        yield from _sizes(sized, model)


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


def _layout(message: str, fix: str | None) -> Diagnostic:
    return Diagnostic("submission-layout", message, NOWHERE, help=fix)


def _passed_over(reason: str) -> Diagnostic:
    message = f"{reason}, and MIB passes it over"
    return Diagnostic("submission-unchecked", message, NOWHERE, severity=Severity.WARNING)


def _misnamed(name: str) -> Diagnostic:
    task, _, model = name.rpartition("_")
    asked = f"{task.replace('_', '-').lower()}_{model.lower()}"
    near = [asked] if asked in FOLDERS else get_close_matches(asked, FOLDERS, n=1, cutoff=0.7)
    fix = f"did you mean `{near[0]}`?" if near else "one of " + ", ".join(FOLDERS)
    return _layout(f"`{shown(name)}` is no `<task>_<model>` that MIB has", fix)

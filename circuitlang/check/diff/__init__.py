"""What turns one hypothesis into another, by their texts: `diff`.

Three steps: `mapping` finds what is called differently, `facts` takes both files apart, and
`effects` says what each difference does to the verdicts. Neither a model nor data is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from circuitlang.check.canonical import digest
from circuitlang.check.diff.effects import Context, effects
from circuitlang.check.diff.facts import Fact, Facts, facts
from circuitlang.check.diff.graph import graph, measures_edges
from circuitlang.check.diff.mapping import by_content, by_members, given, renamed, role_names
from circuitlang.circuit.difference import Change, Difference, Side, compare
from circuitlang.syntax import tree
from circuitlang.syntax.source import NOWHERE, Source

# Statements in the order in which a file has them.
_ORDER = (
    *("edition", "name", "doc", "cite", "model", "task", "policy", "keep"),
    *("role", "edge", "claim", "waiver"),
)
_NUMBER = re.compile(r"([0-9]{1,18})")

# Facts that stand or fall together: where only one file has the thing, that is one change.
_WHOLE = ("claim", "waiver")


@dataclass(frozen=True)
class Spec:
    """A file that has been parsed and checked, shown under its source's name. ``contents`` maps
    ``task/words/NAME`` and ``task/data`` to the SHA-256 of the files themselves, where they are at
    hand."""

    source: Source
    file: tree.File
    contents: Mapping[str, str] = field(default_factory=dict)


def diff(a: Spec, b: Spec, pairs: Sequence[tuple[str, str]] = ()) -> Difference:
    """The edit script from ``a`` to ``b``; empty if they state the same facts in any order.

    ``pairs`` are names that the user says belong together, each ``(in a, in b)``. Raises MapError
    where they cannot. ``diff(b, a)`` is the mirror image: ``before`` and ``after`` exchanged,
    weakening and strengthening exchanged.
    """
    renames = given(a.file, b.file, pairs)
    renames = (*renames, *by_members(role_names(a.file), role_names(b.file), renames))
    ours = renamed(a.file, renames)
    claims = by_content(facts(ours), facts(b.file))
    renames, ours = (*renames, *claims), renamed(ours, claims)
    graph_a, graph_b = graph(ours), graph(b.file)
    edges = compare(graph_a.edges, graph_b.edges)
    measured = measures_edges(a.file) or measures_edges(b.file)
    context = Context(
        facts(ours),
        facts(b.file),
        _different(a.contents, b.contents),
        edges_count=measured and bool(edges),
    )
    return Difference(
        _side(a),
        _side(b),
        renames,
        tuple(_changes(a.source, b.source, context)),
        compare(graph_a.nodes, graph_b.nodes),
        edges,
        measured,
    )


def _different(a: Mapping[str, str], b: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """The data whose digests are known on both sides and not the same."""
    return {data: (a[data], b[data]) for data in a.keys() & b.keys() if a[data] != b[data]}


def _side(spec: Spec) -> Side:
    name = spec.file.circuit.name.text if spec.file.circuit else ""
    return Side(spec.source.name, name, digest(spec.file))


def _changes(source_a: Source, source_b: Source, context: Context) -> Iterator[Change]:
    """In the order of the paths; what only one file has as a whole comes as one change."""
    a, b = context.a, context.b
    paths = sorted((p for p in a.keys() | b.keys() if a.get(p) != b.get(p)), key=_rank)
    whole: dict[str, None] = {}

    def change(path: str, was: Fact | None, now: Fact | None) -> Change:
        return Change(
            path,
            None if was is None else was.value,
            None if now is None else now.value,
            effects(path, context),
            _line(source_a, was),
            _line(source_b, now),
        )

    for path in paths:
        owner = _owner(path)
        if owner is None or not (_lacks(a, owner) or _lacks(b, owner)):
            yield change(path, a.get(path), b.get(path))
        elif owner not in whole:
            whole[owner] = None
            yield change(owner, _statement(a, owner), _statement(b, owner))
    for data, (before, after) in sorted(context.contents.items()):
        if f"{data}/sha256" not in a and f"{data}/sha256" not in b:
            yield Change(f"{data}/content", before, after, ("re-measures",))


def _rank(path: str) -> tuple[object, ...]:
    """In the order in which a file is read, layer 9 before layer 10."""
    head, *_ = path.split("/")
    pieces = _NUMBER.split(path)
    return _ORDER.index(head), [(int(p), "") if p.isdigit() else (0, p) for p in pieces]


def _owner(path: str) -> str | None:
    """The claim or waiver that a path is about."""
    head, *rest = path.split("/")
    return f"{head}/{rest[0]}" if head in _WHOLE else None


def _lacks(facts: Facts, owner: str) -> bool:
    return not any(path.startswith(f"{owner}/") for path in facts)


def _line(source: Source, fact: Fact | None) -> int | None:
    return None if fact is None or fact.span == NOWHERE else source.location(fact.span.start)[0]


def _statement(facts: Facts, owner: str) -> Fact | None:
    """A claim or waiver as it would be written behind its name."""
    if _lacks(facts, owner):
        return None

    def said(what: str, before: str = "") -> str:
        fact = facts.get(f"{owner}/{what}")
        return f"{before}{fact.value}" if fact else ""

    if owner.startswith("waiver/"):
        return Fact(
            f"until {said('until')} because {said('because')}", facts[f"{owner}/until"].span
        )
    tail = " else warn" if said("severity") == "warn" else ""
    demand = f"{said('comparator')} {said('threshold')}{said('tolerance', ' +- ')}"
    return Fact(f"{said('measure')} {demand}{tail}", facts[f"{owner}/measure"].span)

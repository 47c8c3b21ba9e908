"""The roles of an attribution graph: its supernodes, and what is pinned beside them.

A user of Neuronpedia pins nodes into a subgraph and groups some of the pinned ones, under labels,
into supernodes. The rest of the pinned ones are as much a part of what was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from circuitlang.circuit.names import Node
from circuitlang.exchange.draft import MEMBERS, Names
from circuitlang.exchange.report import Dropped
from circuitlang.exchange.values import Value
from circuitlang.syntax.strict_json import shown

Kind = Literal["feature", "error", "embedding", "logit", "other"]
PINNED = "pinned"


class Part(NamedTuple):
    """A node of the graph; ``node`` is None for what is no component."""

    kind: Kind
    node: Node | None


class Roles(NamedTuple):
    """``members`` by role, ``chosen`` the ids of the features in them; ``dropped`` what of the
    groups has no place, ``renamed`` a sentence for each label that is no name."""

    members: Mapping[str, tuple[Node, ...]]
    chosen: frozenset[str]
    dropped: tuple[Dropped, ...]
    renamed: tuple[str, ...]


def roles(query: Value | None, parts: Mapping[str, Part]) -> Roles:
    """Each supernode's MLPs, and those of the pinned features that no supernode names; without
    either, those of every feature. An MLP of two groups stays in the first."""
    members: dict[str, tuple[Node, ...]] = {}
    names = Names()
    renamed: list[str] = []
    placed: set[Node] = set()
    chosen: set[str] = set()
    absent = shared = bare = buried = 0
    for label, ids in _groups(query, parts):
        absent += sum(key not in parts for key in ids)
        features = {key for key in ids if key in parts and parts[key].kind == "feature"}
        nodes = {node for key in features if (node := parts[key].node) is not None}
        chosen |= features
        shared += len(nodes & placed)
        bare += not features
        buried += bool(nodes) and nodes <= placed
        if fresh := nodes - placed:
            name = names.new(label)
            if name != label:
                renamed.append(f"the supernode `{shown(label)}` is written `{name}`")
            members[name] = tuple(sorted(fresh))
            placed |= fresh
    lost = (
        Dropped(absent, "ids in supernodes or pins", "no node of the graph has them"),
        Dropped(bare, "supernodes without features", "a role has members"),
        Dropped(buried, "supernodes", "those before them have all of their MLPs"),
        Dropped(shared, "second roles of an MLP", "at one position it plays one role"),
    )
    return Roles(members, frozenset(chosen), lost, tuple(renamed))


def _groups(query: Value | None, parts: Mapping[str, Part]) -> Iterator[tuple[str, list[str]]]:
    """Each group's label and the ids of its nodes."""
    supernodes = query.get("supernodes") if query else None
    pinned = query.get("pinnedIds") if query else None
    grouped: set[str] = set()
    for group in supernodes.each() if supernodes else ():
        label, *ids = _named(group)
        grouped.update(one.text() for one in ids)
        yield label.text(), [one.text() for one in ids]
    pins = [one.text() for one in pinned.each()] if pinned else []
    alone = [key for key in dict.fromkeys(pins) if key not in grouped]
    # Pinned tokens and logits belong to `input` and `logits`, which every circuit has.
    if any(key not in parts or parts[key].kind == "feature" for key in alone):
        yield PINNED, alone
    if not grouped and not pins:
        yield MEMBERS, list(parts)


def _named(group: Value) -> tuple[Value, ...]:
    found = tuple(group.each())
    if not found:
        raise group.wrong("a label and the ids of nodes were needed")
    return found

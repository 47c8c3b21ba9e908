"""Specs of mechval (``MechanisticClaimSpec``): steps with heads and MLPs, and edges between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from circuitlang.circuit.names import INPUT, LOGITS, Node, feeds, head, mlp
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, Link, Names, cut, draft
from circuitlang.exchange.format import Format, Imported
from circuitlang.exchange.report import Dropped, Report, dropped, unread
from circuitlang.exchange.values import Value, read_json, reader
from circuitlang.syntax.strict_json import shown

_MOST_INDEX = 99_999
_PARTS = ("maps_to_neurons", "maps_to_features")
_TESTS = ("predictions", "negative_controls", "rival_specs")
Roles = Mapping[str, tuple[Node, ...]]


@reader("a MechanisticClaimSpec of mechval")
def read(content: bytes) -> Imported:
    """A step with heads or MLPs is a role, an edge between two such steps an edge statement."""
    spec = read_json(content)
    steps = list(spec["steps"].each())
    given, names = Names(), dict[str, str]()
    roles: dict[str, tuple[Node, ...]] = {}
    placed: set[Node] = set()
    shared = small = empty = 0
    for step in steps:
        label = step["name"].text()
        if label in names:
            raise step["name"].wrong("every step's name may stand once", "rename one of the two")
        found = set(_nodes(step))
        small += sum(len(list(part.each())) for key in _PARTS if (part := step.get(key)))
        shared += len(found & placed)
        empty += not found - placed
        names[label] = name = given.new(label)
        if fresh := found - placed:
            roles[name] = tuple(sorted(fresh))
            placed |= fresh
    links, lost, repeated = _links(spec.get("edges"), names, roles)
    tests = sum(len(list(part.each())) for key in _TESTS if (part := spec.get(key)))
    positions = sum(step.get("position") is not None for step in steps)
    texts = {key: part.text() for key in _PROSE if (part := spec.get(key))}
    doc = texts.get("linguistic_claim", "")
    kept = {"roles": len(roles), "members": len(placed), "edge statements": len(links)}
    report = Report(
        kept,
        dropped(
            Dropped(empty, "steps without heads and MLPs", "a role has members"),
            Dropped(small, "neurons and features", "edition 1 has whole heads and MLPs only"),
            Dropped(shared, "second roles of a member", "at one position it plays one role"),
            Dropped(lost, "edges", "an end has no role, or no layer order permits it"),
            Dropped(repeated, "repeated edges", "an edge is in a circuit once"),
            Dropped(positions, "positions such as `source`", "they name no token of a prompt"),
            Dropped(
                tests,
                "predictions, controls and rivals",
                "they name no unit that a claim could use",
            ),
            cut(doc),
            unread(_others(spec)),
        ),
        (
            ANYWHERE,
            LEFT_OUT,
            *_loose(links),
            *(f"the step `{shown(a)}` is written `{b}`" for a, b in names.items() if a != b),
        ),
    )
    cites = [texts["paper_ref"]] if texts.get("paper_ref") else []
    return Imported(draft(texts.get("task_id", "imported"), roles, links, doc, cites), report)


_PROSE = ("task_id", "linguistic_claim", "paper_ref")
_SPEC = ("steps", "edges", *_PROSE, *_TESTS)
_STEP = ("name", "position", "maps_to_heads", "maps_to_mlps", *_PARTS)
_EDGE = ("source", "target", "source_component", "target_component")


def _others(spec: Value) -> Iterator[str]:
    yield from spec.others(_SPEC)
    for step in spec["steps"].each():
        yield from step.others(_STEP)
    for edge in _list(spec, "edges"):
        yield from edge.others(_EDGE)


def _loose(links: Iterable[Link]) -> Iterator[str]:
    """The specs that mechval ships end in steps, where a circuit begins and ends in nodes."""
    named = {end for link in links for end in (link.source, link.target)}
    if missing := [str(node) for node in (INPUT, LOGITS) if str(node) not in named]:
        yield f"no edge names {' or '.join(missing)}: those are for you to write"


def _nodes(step: Value) -> Iterator[Node]:
    for pair in _list(step, "maps_to_heads"):
        layer, index = pair.exactly(2)
        yield head(layer.whole(_MOST_INDEX), index.whole(_MOST_INDEX))
    for layer in _list(step, "maps_to_mlps"):
        yield mlp(layer.whole(_MOST_INDEX))


def _list(value: Value, key: str) -> Iterator[Value]:
    found = value.get(key)
    return found.each() if found else iter(())


def _links(
    edges: Value | None, names: Mapping[str, str], roles: Roles
) -> tuple[tuple[Link, ...], int, int]:
    """The edge statements, how many edges have none, and how many have that of another."""
    found: dict[Link, None] = {}
    lost = repeated = 0
    members = {node for nodes in roles.values() for node in nodes}
    for edge in edges.each() if edges else ():
        source = _end(edge, "source", names, roles, members)
        target = _end(edge, "target", names, roles, members)
        if source is None or target is None or not _ordered(source[1], target[1]):
            lost += 1
        else:
            link = Link(source[0], target[0])
            repeated += link in found
            found[link] = None
    return tuple(found), lost, repeated


def _end(
    edge: Value, key: str, names: Mapping[str, str], roles: Roles, members: Iterable[Node]
) -> tuple[str, tuple[Node, ...]] | None:
    """What an edge statement calls an end, and its nodes: a head that the edge names, or a role."""
    component = edge.get(f"{key}_component")
    if component is not None:
        layer, index = component.exactly(2)
        node = head(layer.whole(_MOST_INDEX), index.whole(_MOST_INDEX))
        return (str(node), (node,)) if node in members else None
    name = edge[key].text()
    outside = {"input": INPUT, "output": LOGITS, "logits": LOGITS}
    if name not in names and name in outside:
        return str(outside[name]), (outside[name],)
    role = names.get(name)
    return (role, roles[role]) if role is not None and role in roles else None


def _ordered(sources: Iterable[Node], targets: Iterable[Node]) -> bool:
    targets = tuple(targets)
    return any(feeds(source, target) for source in sources for target in targets)


FORMAT = Format(
    name="mechval",
    title="MechanisticClaimSpec of mechval (JSON)",
    layout="mechanistic-validity/mechanistic-validity @f67450c, `MechanisticClaimSpec`",
    carries="steps as roles, their heads and MLPs, edges between steps; claim and paper as prose",
    loses="predictions, controls, rivals, neurons, features, positions in words",
    read=read,
)

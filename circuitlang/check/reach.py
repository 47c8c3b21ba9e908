"""Whether every role is on a path from `input` to `logits`, along the claimed edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from circuitlang.circuit.circuit import Role
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node
from circuitlang.syntax.diagnostic import Diagnostic, Severity


def check_reach(roles: Mapping[str, Role], claimed: Iterable[Edge]) -> Iterator[Diagnostic]:
    """A role is dead when none of its members is on such a path, in either direction; a dead
    member of a live role is a warning."""
    forward: dict[Node, list[Node]] = {}
    backward: dict[Node, list[Node]] = {}
    for edge in claimed:
        forward.setdefault(edge.source, []).append(edge.target)
        backward.setdefault(edge.target, []).append(edge.source)
    fed, heard = _closure(INPUT, forward), _closure(LOGITS, backward)
    for role in roles.values():
        if not role.members:
            continue
        if not any(node in heard for node in role.nodes):
            yield Diagnostic(
                "role-without-outlet",
                f"no path of edges leads from `{role.name}` to `logits`",
                role.span,
                help=f"add the edge that is missing, such as `edge {role.name} -> logits`",
            )
        else:
            yield from _dead_members(role, heard, "reaches `logits` from")
        if not any(node in fed for node in role.nodes):
            yield Diagnostic(
                "role-without-inlet",
                f"no path of edges leads from `input` to `{role.name}`",
                role.span,
                help=f"add the edge that is missing, such as `edge input -> {role.name}`",
            )
        else:
            yield from _dead_members(role, fed, "leads from `input` to")


def _dead_members(role: Role, live: set[Node], what: str) -> Iterator[Diagnostic]:
    for member in role.members:
        if member.node not in live:
            yield Diagnostic(
                "dead-member",
                f"no path of edges {what} `{member.node}`, though one does for others of "
                f"`{role.name}`",
                member.span,
                severity=Severity.WARNING,
            )


def _closure(start: Node, following: Mapping[Node, list[Node]]) -> set[Node]:
    reached, stack = {start}, [start]
    while stack:
        for node in following.get(stack.pop(), ()):
            if node not in reached:
                reached.add(node)
                stack.append(node)
    return reached

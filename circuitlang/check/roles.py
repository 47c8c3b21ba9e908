"""Roles and their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from circuitlang.check.checked import Checked
from circuitlang.check.names import not_reserved, unique
from circuitlang.check.scope import Scope, in_range
from circuitlang.circuit.circuit import Member, Role
from circuitlang.circuit.names import Node, parse_node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label


def check_roles(
    roles: Sequence[tree.Role], keep: tree.Keep | None, scope: Scope
) -> Checked[Mapping[str, Role]]:
    """The roles by name; of two with one name, the first."""
    yield from unique("role", (role.name for role in roles))
    resolved: dict[str, Role] = {}
    for role in roles:
        yield from not_reserved("role", role.name)
        at = yield from _positions(role.at, scope)
        attending = yield from _positions(role.attending, scope)
        members = yield from _members(role, keep, scope)
        heads = [member for member in role.members if member.kind.text == "head"]
        if heads and not role.attending:
            yield Diagnostic(
                "missing-attending",
                f"`{role.name}` holds attention heads, but does not say where they look",
                role.name.span,
                secondary=(Label(heads[0].node.span, "a head"),),
                help=f"write `role {role.name} at {', '.join(p.text for p in role.at)} "
                "attending ...`, or `attending any` to leave it open",
            )
            attending = EVERYWHERE
        if not role.members:
            yield Diagnostic("empty-role", f"role `{role.name}` has no members", role.name.span)
        resolved.setdefault(
            role.name.text, Role(role.name.text, at, attending, members, role.name.span)
        )
    yield from _check_overlaps(resolved)
    return resolved


def _positions(names: Sequence[tree.Name], scope: Scope) -> Checked[Positions]:
    """The set that the names make; everywhere for `any`, and where a name is not known, so that
    one mistake is reported once."""
    found: set[str] = set()
    if any(name.text == "any" for name in names):
        return EVERYWHERE
    sound = True
    for name in names:
        if name.text in found:
            yield Diagnostic("duplicate-name", f"`{name}` is listed twice", name.span)
        position = yield from scope.position(name)
        sound &= position is not None
        found.add(name.text)
    return Positions.of(found) if sound else EVERYWHERE


def _members(role: tree.Role, keep: tree.Keep | None, scope: Scope) -> Checked[tuple[Member, ...]]:
    members: dict[Node, Member] = {}
    for member in role.members:
        node = parse_node(member.node.text)
        if node is None:
            continue
        if node in members:
            yield Diagnostic(
                "duplicate-member",
                f"`{node}` is listed twice in `{role.name}`",
                member.node.span,
                secondary=(Label(members[node].span, "first listed here"),),
            )
            continue
        if keep is not None and node.kind == "mlp":
            yield Diagnostic(
                "kept-already",
                f"`keep mlps` keeps every MLP without claiming it, so `{node}` cannot be a member",
                member.node.span,
                secondary=(Label(keep.span, "every MLP is kept here"),),
                help="remove one of the two",
            )
            continue
        yield from in_range(node, member.node.span, scope.shape)
        status = member.status.text if member.status else None
        members[node] = Member(node, status, member.node.span)
    return tuple(members.values())


def _check_overlaps(roles: Mapping[str, Role]) -> Checked[None]:
    """A node may play two roles, but not at one position."""
    seen: dict[Node, list[tuple[Role, Member]]] = {}
    for role in roles.values():
        for member in role.members:
            for other, first in seen.get(member.node, ()):
                if shared := role.at & other.at:
                    where = "everywhere" if shared.everywhere else f"at {shared}"
                    yield Diagnostic(
                        "overlapping-roles",
                        f"`{member.node}` writes {where} in both `{other.name}` and `{role.name}`",
                        member.span,
                        secondary=(Label(first.span, f"member of `{other.name}` here"),),
                    )
                    break
            seen.setdefault(member.node, []).append((role, member))

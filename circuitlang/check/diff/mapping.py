"""Which role and which claim of one file is which of the other, where their names differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from circuitlang.check.diff.facts import Facts
from circuitlang.check.vocabulary import MEASURE_ARGUMENTS
from circuitlang.circuit.difference import Rename
from circuitlang.syntax import tree

# Two roles are one under two names if at least this share of their members is the same.
OVERLAP = 0.5

# The kinds of arguments that can name a role.
ROLE_KINDS = frozenset({"role", "component", "receiver"})


class MapError(ValueError):
    """A pair of names given by the user that names nothing, or two things at once."""


def role_names(file: tree.File) -> Mapping[str, frozenset[str]]:
    """The members of each role, by name."""
    statements = file.circuit.statements if file.circuit else ()
    return {
        role.name.text: frozenset(member.node.text for member in role.members)
        for role in statements
        if isinstance(role, tree.Role)
    }


def claim_names(file: tree.File) -> tuple[str, ...]:
    statements = file.circuit.statements if file.circuit else ()
    return tuple(claim.name.text for claim in statements if isinstance(claim, tree.Claim))


def given(a: tree.File, b: tree.File, pairs: Sequence[tuple[str, str]]) -> tuple[Rename, ...]:
    """The pairs ``old=new`` that the user gave, as roles or else claims.

    Raises MapError where a name is unknown or mapped twice, or where the other file has it as well
    and it is not mapped there itself.
    """
    known: list[Rename] = []
    for old, new in pairs:
        if old in role_names(a) and new in role_names(b):
            known.append(Rename("role", old, new, given=True))
        elif old in claim_names(a) and new in claim_names(b):
            known.append(Rename("claim", old, new, given=True))
        else:
            raise MapError(
                f"`{old}={new}`: there is no role or claim `{old}` in the first file that could be "
                f"`{new}` in the second"
            )
    olds, news = ([(r.kind, getattr(r, end)) for r in known] for end in ("before", "after"))
    if len(set(olds)) < len(known) or len(set(news)) < len(known):
        raise MapError("a name is mapped more than once")
    for rename in known:
        taken = role_names(a) if rename.kind == "role" else claim_names(a)
        kept = role_names(b) if rename.kind == "role" else claim_names(b)
        for name, names, mapped, file in (
            (rename.after, taken, olds, "first"),
            (rename.before, kept, news, "second"),
        ):
            if name in names and (rename.kind, name) not in mapped:
                raise MapError(
                    f"`{rename.before}={rename.after}`: the {file} file has a {rename.kind} "
                    f"`{name}` too; map that one as well"
                )
    return tuple(rename for rename in known if rename.before != rename.after)


def by_members(
    roles_a: Mapping[str, frozenset[str]],
    roles_b: Mapping[str, frozenset[str]],
    known: Sequence[Rename] = (),
) -> tuple[Rename, ...]:
    """Roles that only one side has by name, paired with those of the other whose members overlap
    most: at least `OVERLAP` of the members that either has. Swapping the sides swaps the pairs."""
    taken_a = {rename.before for rename in known if rename.kind == "role"}
    taken_b = {rename.after for rename in known if rename.kind == "role"}
    left = sorted(roles_a.keys() - roles_b.keys() - taken_a)
    right = sorted(roles_b.keys() - roles_a.keys() - taken_b)
    pairs = [(_overlap(roles_a[x], roles_b[y]), x, y) for x in left for y in right]
    pairs = [pair for pair in pairs if pair[0] >= OVERLAP]
    found: list[Rename] = []
    # Ties are broken by the names of both, so that swapping the files swaps the pairs.
    for _, x, y in sorted(pairs, key=lambda pair: (-pair[0], sorted(pair[1:]))):
        if all(x != r.before and y != r.after for r in found):
            found.append(Rename("role", x, y))
    return tuple(sorted(found))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def by_content(a: Facts, b: Facts) -> tuple[Rename, ...]:
    """Claims that only one file has by name and that claim the very same."""
    mine, other = _claims(a), _claims(b)
    left = {n: said for n, said in sorted(mine.items()) if n not in other}
    right = {n: said for n, said in sorted(other.items()) if n not in mine}
    found: list[Rename] = []
    for name, said in left.items():
        taken = {rename.after for rename in found}
        same = next((n for n, it in right.items() if it == said and n not in taken), None)
        if same is not None:
            found.append(Rename("claim", name, same))
    return tuple(found)


def _claims(facts: Facts) -> Mapping[str, Mapping[str, str]]:
    """What each claim says, without its name."""
    said: dict[str, dict[str, str]] = {}
    for path, fact in facts.items():
        match path.split("/"):
            case ["claim", name, what]:
                said.setdefault(name, {})[what] = fact.value
    return said


def renamed(file: tree.File, renames: Sequence[Rename]) -> tree.File:
    """The file with roles and claims under their new names, wherever it speaks of them."""
    if file.circuit is None or not renames:
        return file
    roles = {r.before: r.after for r in renames if r.kind == "role"}
    claims = {r.before: r.after for r in renames if r.kind == "claim"}
    statements = tuple(_renamed(s, roles, claims) for s in file.circuit.statements)
    return replace(file, circuit=replace(file.circuit, statements=statements))


def _renamed(statement: Any, roles: Mapping[str, str], claims: Mapping[str, str]) -> Any:
    match statement:
        case tree.Role():
            return replace(statement, name=_new(statement.name, roles))
        case tree.Edge():
            source, target = (_new(end, roles) for end in (statement.source, statement.target))
            return replace(statement, source=source, target=target)
        case tree.Claim():
            return replace(
                statement,
                name=_new(statement.name, claims),
                measure=_measure(statement.measure, roles),
            )
        case tree.Waive():
            return replace(statement, claim=_new(statement.claim, claims))
        case _:
            return statement


def _measure(call: tree.Call, roles: Mapping[str, str]) -> tree.Call:
    known = {field.name: field.kind for field in MEASURE_ARGUMENTS.get(call.name.text, ())}

    def argument(one: tree.Argument) -> tree.Argument:
        names_role = one.name is not None and known.get(one.name.text) in ROLE_KINDS
        if names_role and isinstance(one.value, tree.Name):
            return replace(one, value=_new(one.value, roles))
        return one

    return replace(call, arguments=tuple(map(argument, call.arguments)))


def _new(name: tree.Name, names: Mapping[str, str]) -> tree.Name:
    return replace(name, text=names.get(name.text, name.text))

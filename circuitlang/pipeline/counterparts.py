"""Which claim of recorded evidence is which of a file, where names have changed.

A fall does not count less because something is called otherwise now: roles are the same by their
members, as `diff` has it, and claims by what they measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from circuitlang.check.diff.mapping import ROLE_KINDS, by_members
from circuitlang.circuit.circuit import Argument, Circuit, Claim
from circuitlang.circuit.difference import Rename, with_roles
from circuitlang.plan.measures import MEASURES
from circuitlang.score.regress import comparable


class Counterparts(NamedTuple):
    """``circuit`` is the evidence's, its ``roles`` called as in the file. ``claims`` holds the
    evidence's claim for each of the file's that has one, by the name in the file; ``gone`` are the
    evidence's others that no claim of the file is called like."""

    circuit: Circuit
    roles: tuple[Rename, ...]
    claims: Mapping[str, Claim]
    gone: tuple[str, ...]


def counterparts(now: Circuit, then: Circuit) -> Counterparts:
    """Claims of one name belong together. Of the others, one of the file belongs to the first of
    the evidence that has the very same measure, whatever is claimed of it."""
    roles = by_members(_members(then), _members(now))
    names = {rename.before: rename.after for rename in roles}
    recorded = {claim.name: _renamed(claim, names) for claim in then.claims}
    found = {claim.name: recorded[claim.name] for claim in now.claims if claim.name in recorded}
    left = [claim for name, claim in recorded.items() if name not in found]
    for claim in now.claims:
        if claim.name in found:
            continue
        same = next((one for one in left if comparable(claim, one) is None), None)
        if same is not None:
            found[claim.name] = same
            left.remove(same)
    gone = tuple(claim.name for claim in left)
    return Counterparts(with_roles(then, names), roles, found, gone)


def _members(circuit: Circuit) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(map(str, role.nodes)) for name, role in circuit.roles.items()}


def _renamed(claim: Claim, names: Mapping[str, str]) -> Claim:
    kinds = {one.name: one.kind for one in MEASURES[claim.measure.name].parameters}

    def called(name: str, value: Argument) -> Argument:
        if isinstance(value, str) and kinds[name] in ROLE_KINDS:
            return names.get(value, value)
        return value

    arguments = {name: called(name, value) for name, value in claim.measure.arguments.items()}
    return replace(claim, measure=replace(claim.measure, arguments=arguments))

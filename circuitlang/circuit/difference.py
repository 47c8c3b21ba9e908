"""How two hypotheses differ: an edit script of what was written, and the graphs that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, NamedTuple, TypeVar

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Edge, Node
from circuitlang.circuit.positions import Positions

# What a change does to the verdicts that the file can come to, by the text alone.
#   weakens: with the same numbers, something could pass that could not before.
#   strengthens: with the same numbers, something could fail that could not before.
#   re-measures: the numbers themselves may come out different.
#   neutral: none of these.
Effect = Literal["weakens", "strengthens", "re-measures", "neutral"]
EFFECTS: tuple[Effect, ...] = ("weakens", "strengthens", "re-measures", "neutral")

T = TypeVar("T", Node, Edge)


class Change(NamedTuple):
    """One fact that the two files state differently.

    ``path`` names it: ``role/name_mover/head/a9.h6``, ``claim/faithful/threshold``. What is called
    differently in the two files has the name that it has in the second. ``before`` or ``after`` is
    None where a file does not state the fact; an empty text is one that has nothing but its name.
    ``effects`` holds each effect once, in the order of `EFFECTS`. The lines count from 1; None
    where the file does not write the fact down.
    """

    path: str
    before: str | None
    after: str | None
    effects: tuple[Effect, ...]
    line_before: int | None = None
    line_after: int | None = None


class Rename(NamedTuple):
    """One role or claim under two names. ``given`` is whether the user said so."""

    kind: Literal["role", "claim"]
    before: str
    after: str
    given: bool = False


@dataclass(frozen=True)
class Parts(Generic[T]):
    """Which nodes, or which edges, only one of the circuits has, and where it keeps them; ``moved``
    are those that both have at different positions, first where the first circuit keeps them.
    ``both`` counts those that both have at the same."""

    only_a: Mapping[T, Positions] = field(default_factory=dict)
    only_b: Mapping[T, Positions] = field(default_factory=dict)
    moved: Mapping[T, tuple[Positions, Positions]] = field(default_factory=dict)
    both: int = 0

    def __bool__(self) -> bool:
        """Whether there is a difference."""
        return bool(self.only_a or self.only_b or self.moved)

    @property
    def size_a(self) -> int:
        return len(self.only_a) + len(self.moved) + self.both

    @property
    def size_b(self) -> int:
        return len(self.only_b) + len(self.moved) + self.both


def compare(a: Mapping[T, Positions], b: Mapping[T, Positions]) -> Parts[T]:
    """What only one of two sets of kept nodes or edges holds, in order of the names."""
    shared = sorted(a.keys() & b.keys())
    return Parts(
        {one: a[one] for one in sorted(a.keys() - b.keys())},
        {one: b[one] for one in sorted(b.keys() - a.keys())},
        {one: (a[one], b[one]) for one in shared if a[one] != b[one]},
        sum(a[one] == b[one] for one in shared),
    )


class Side(NamedTuple):
    """One of the two files: its path as it was given, the circuit's name, the SHA-256 of the
    canonical form."""

    path: str
    name: str
    digest: str


@dataclass(frozen=True)
class Difference:
    """What turns ``a`` into ``b``. ``edges`` are the claimed ones, between single nodes; they are
    measured on their own only where one of the files says ``granularity = edges``."""

    a: Side
    b: Side
    renames: tuple[Rename, ...]
    changes: tuple[Change, ...]
    nodes: Parts[Node]
    edges: Parts[Edge]
    edges_measured: bool

    def __bool__(self) -> bool:
        """Whether there is a difference."""
        return bool(self.changes or self.renames)

    def count(self, effect: Effect) -> int:
        """How many changes have the effect; a new name is neutral."""
        renamed = len(self.renames) if effect == "neutral" else 0
        return renamed + sum(effect in change.effects for change in self.changes)


def with_roles(circuit: Circuit, names: Mapping[str, str]) -> Circuit:
    """The circuit with its roles called otherwise, old names to new ones."""
    roles = {
        names.get(name, name): replace(role, name=names.get(name, name))
        for name, role in circuit.roles.items()
    }
    return replace(circuit, roles=roles)

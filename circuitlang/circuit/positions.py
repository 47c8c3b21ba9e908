"""Sets of token positions, by name.

A task names positions (``S2``, ``END``); an example resolves each name to one or more token
indices. Structure only ever needs the names, so a set is either "these names" or "all positions
but these names", and the usual set algebra closes over the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Positions(NamedTuple):
    """``names`` themselves, or with ``complement`` every position outside them."""

    names: frozenset[str]
    complement: bool = False

    @classmethod
    def of(cls, names: Iterable[str]) -> Positions:
        return cls(frozenset(names))

    def __bool__(self) -> bool:
        """Whether the set can hold a position at all."""
        return self.complement or bool(self.names)

    def __invert__(self) -> Positions:
        return Positions(self.names, not self.complement)

    def __and__(self, other: Positions) -> Positions:
        match self.complement, other.complement:
            case False, False:
                return Positions(self.names & other.names)
            case False, True:
                return Positions(self.names - other.names)
            case True, False:
                return Positions(other.names - self.names)
            case _:
                return Positions(self.names | other.names, complement=True)

    def __or__(self, other: Positions) -> Positions:
        return ~(~self & ~other)

    def __sub__(self, other: Positions) -> Positions:
        return self & ~other

    @property
    def everywhere(self) -> bool:
        return self.complement and not self.names

    def __str__(self) -> str:
        if self.everywhere:
            return "any"
        listed = ", ".join(sorted(self.names))
        return f"all but {listed}" if self.complement else listed


EVERYWHERE = Positions(frozenset(), complement=True)
NOWHERE = Positions(frozenset())

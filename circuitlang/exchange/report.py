"""What was kept, dropped and assumed between two formats; printed by every import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.syntax.strict_json import shown

_MOST_NAMES = 8


class Dropped(NamedTuple):
    """``number`` things of a kind that have no place on the other side, and why."""

    number: int
    what: str
    why: str


@dataclass(frozen=True)
class Report:
    """``kept`` counts what came over, by kind; ``assumed`` holds what was decided in the file's
    stead, one sentence each."""

    kept: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    dropped: tuple[Dropped, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def lossless(self) -> bool:
        return not self.dropped

    def lines(self) -> Iterator[str]:
        if self.kept:
            yield "kept     " + ", ".join(f"{n:,} {kind}" for kind, n in self.kept.items())
        for number, what, why in self.dropped:
            yield f"dropped  {number:,} {what}: {why}"
        for sentence in self.assumed:
            yield f"assumed  {sentence}"


def dropped(*found: Dropped) -> tuple[Dropped, ...]:
    """Those that there are any of."""
    return tuple(one for one in found if one.number)


def unread(names: Iterable[str]) -> Dropped:
    """Fields that a reader has no use for, by name, each as often as it stands in the file."""
    found = Counter(names)
    listed = ", ".join(f"`{shown(name)}`" for name in list(found)[:_MOST_NAMES])
    more = f" and {len(found) - _MOST_NAMES:,} more" if len(found) > _MOST_NAMES else ""
    why = f"a `.circuit` has no place for {listed}{more}"
    return Dropped(found.total(), "other fields", why)

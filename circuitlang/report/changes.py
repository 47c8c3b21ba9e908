"""Where two JSON records differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from circuitlang.syntax.render.cells import visible

# Of the measuring and not of what was measured.
_MEASUREMENT = frozenset({"seconds", "cache"})
# What an object is called by in a list of them.
_NAMES = ("name", "claim")


class Change(NamedTuple):
    """A place in a record where two of them differ; ``found`` is what should stand there. As text
    it is one line that can be printed, whatever a stranger wrote."""

    place: str
    recorded: object
    found: object

    def __str__(self) -> str:
        recorded, found = _shown(self.recorded), _shown(self.found)
        if recorded == found:
            # Apart in digits beyond those that are shown.
            recorded, found = repr(self.recorded), repr(self.found)
        return visible(f"{self.place}: recorded {recorded}, found {found}")


def differences(
    recorded: object,
    found: object,
    close: Callable[[float, float], bool],
    place: str = "",
    leave: frozenset[str] = _MEASUREMENT,
) -> Iterator[Change]:
    """Where two JSON values differ, depth first; fractions that are ``close`` do not, and fields
    named in ``leave`` are not looked at."""
    match recorded, found:
        case dict(), dict():
            for key in dict.fromkeys((*recorded, *found)):
                if key not in leave:
                    inner = f"{place}.{key}" if place else str(key)
                    yield from differences(recorded.get(key), found.get(key), close, inner, leave)
        case list(), list() if len(recorded) == len(found):
            for i, (one, other) in enumerate(zip(recorded, found, strict=True)):
                name = _name(other, i)
                yield from differences(one, other, close, f"{place}[{name}]", leave)
        case _ if (pair := _fractions(recorded, found)) is not None:
            if not close(*pair):
                yield Change(place, recorded, found)
        case _:
            # To Python true is 1.
            if recorded != found or isinstance(recorded, bool) != isinstance(found, bool):
                yield Change(place, recorded, found)


def _name(value: object, place: int) -> object:
    if not isinstance(value, dict):
        return place
    return next((value[key] for key in _NAMES if key in value), place)


def _fractions(one: object, other: object) -> tuple[float, float] | None:
    """Both as numbers, if one of them at least was measured: what was counted is exact."""
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return None
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    return (one, other) if isinstance(one, float) or isinstance(other, float) else None


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."

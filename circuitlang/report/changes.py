"""Where two JSON records differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

# Of the measuring and not of what was measured.
_MEASUREMENT = frozenset({"seconds", "cache", "sensitivity"})


class Change(NamedTuple):
    """A place in a record where two of them differ; ``found`` is what should stand there."""

    place: str
    recorded: object
    found: object

    def __str__(self) -> str:
        return f"{self.place}: recorded {_shown(self.recorded)}, found {_shown(self.found)}"


def differences(
    recorded: object,
    found: object,
    close: Callable[[float, float], bool],
    place: str = "",
    leave: frozenset[str] = _MEASUREMENT,
) -> Iterator[Change]:
    """Where two JSON values differ, depth first; numbers that are ``close`` do not, and fields
    named in ``leave`` are not looked at."""
    match recorded, found:
        case dict(), dict():
            for key in dict.fromkeys((*recorded, *found)):
                if key not in leave:
                    inner = f"{place}.{key}" if place else str(key)
                    yield from differences(recorded.get(key), found.get(key), close, inner, leave)
        case list(), list() if len(recorded) == len(found):
            for i, (one, other) in enumerate(zip(recorded, found, strict=True)):
                name = other.get("name", i) if isinstance(other, dict) else i
                yield from differences(one, other, close, f"{place}[{name}]", leave)
        case ((int() | float()), (int() | float())) if _numbers(recorded, found):
            if not close(float(recorded), float(found)):
                yield Change(place, recorded, found)
        case _:
            if recorded != found:
                yield Change(place, recorded, found)


def _numbers(*values: object) -> bool:
    return not any(isinstance(value, bool) for value in values)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."

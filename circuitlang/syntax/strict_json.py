"""A stranger's JSON, read within bounds.

Everything that is wrong is said with the path of the value, `$.nodes[3].layer`, or with the line
and column where the text stops being JSON.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

_SHOWN = 60
# Sizes, seeds and counts are whole numbers; what is beyond these bits is none of them, and no float
# holds a whole number of a few hundred digits.
_BITS = 63
# The largest float32 is 3.4e38. Sums of powers of what is below stay finite in float64.
_LARGEST = 1e60


class RefusedError(Exception):
    """What is wrong with a file and how to mend it. ``code`` is that of the diagnostic, where it is
    another than the reader's own."""

    def __init__(self, reason: str, fix: str | None = None, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.fix, self.code = reason, fix, code


def shown(text: str) -> str:
    """A stranger's text as it may be printed: short, on one line, without control characters."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "�" for char in cut)


def decode(content: bytes, most: int) -> str:
    """The text of at most ``most`` bytes of UTF-8. Raises RefusedError."""
    if len(content) > most:
        raise RefusedError(f"it has more than {most:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"byte {error.start:,} is not UTF-8", "write the file as UTF-8 text"
        ) from error


def parse_json(text: str, *, numbers: bool = True) -> Any:
    """The value of a JSON text.

    A key that stands twice in an object is refused, as readers differ on which one counts. So are
    `NaN` and `Infinity`, which are no JSON, unless ``numbers`` is False: EAP-IG writes `NaN` for
    what it did not score.

    Raises
    ------
    RefusedError
        If the text is no such JSON.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant if numbers else float,
        )
    except RecursionError as error:
        raise RefusedError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise RefusedError(
            f"line {error.lineno}, column {error.colno} is no JSON ({error.msg.lower()})"
        ) from error
    except ValueError as error:
        raise RefusedError("a number in it has too many digits") from error


def check_values(whole: Any) -> None:
    """Makes sure of what `parse_json` lets through and later work trips over.

    Raises
    ------
    RefusedError
        If a text or a key holds half of a surrogate pair, which cannot be written as UTF-8, or a
        number is beyond all that is counted or measured.
    """
    waiting = [("$", whole)]
    while waiting:
        place, value = waiting.pop()
        match value:
            case str():
                _check_text(value, place)
            case bool() | None:
                continue
            case int() if value.bit_length() > _BITS:
                raise RefusedError(f"`{place}` is a whole number of more than {_BITS} bits")
            case float() if not abs(value) <= _LARGEST:
                kind = f"beyond {_LARGEST:g}" if math.isfinite(value) else "too large for a float"
                raise RefusedError(f"`{place}` is {kind}")
            case dict():
                for key in value:
                    _check_text(key, f"{place}.keys()")
                inner = [(f"{place}.{shown(key)}", one) for key, one in value.items()]
                waiting += reversed(inner)
            case list() if not all(type(one) is float and abs(one) <= _LARGEST for one in value):
                waiting += reversed([(f"{place}[{i}]", one) for i, one in enumerate(value)])


def _check_text(text: str, place: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError(
            f"`{place}` holds half of a surrogate pair at character {error.start}, which is no text"
        ) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RefusedError(
                    f'the key "{shown(key)}" stands twice in one object',
                    "keep one of the two: readers of JSON differ on which one counts",
                )
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise RefusedError(f"it holds `{name}`, which is no JSON", "write null, or leave the value out")

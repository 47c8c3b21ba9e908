"""The values of a stranger's JSON together with the path to each, and what a reader makes of one
that is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import NOWHERE
from circuitlang.syntax.strict_json import RefusedError, decode, parse_json, shown

if TYPE_CHECKING:
    from circuitlang.exchange.format import Imported, Read

MOST_BYTES = 64 << 20


def reader(title: str) -> Callable[[Callable[[bytes], Imported]], Callable[[bytes], Read]]:
    """Makes a stage of a function that refuses by raising `RefusedError`."""

    def decorate(read: Callable[[bytes], Imported]) -> Callable[[bytes], Read]:
        def stage(content: bytes) -> Read:
            try:
                return read(content), ()
            except RefusedError as error:
                return None, (refusal(title, error),)

        stage.__doc__ = read.__doc__
        return stage

    return decorate


def refusal(title: str, error: RefusedError) -> Diagnostic:
    if error.code == "cannot-export":
        return Diagnostic("cannot-export", error.reason, NOWHERE, help=error.fix)
    if error.code == "unsafe-pickle":
        return Diagnostic("unsafe-pickle", error.reason, NOWHERE, help=error.fix)
    return Diagnostic("bad-graph-file", f"not {title}: {error.reason}", NOWHERE, help=error.fix)


def read_json(content: bytes) -> Value:
    """The value of a whole file. Raises RefusedError."""
    return Value(parse_json(decode(content, MOST_BYTES)))


@dataclass(frozen=True, slots=True)
class Value:
    """One JSON value and where it stands. Each method says what the value has to be."""

    data: Any
    path: str = "$"

    def wrong(self, needed: str, fix: str | None = None) -> RefusedError:
        """The refusal of this value: what it is, and what was needed."""
        return RefusedError(f"`{shown(self.path)}` is {_kind(self.data)}; {needed}", fix)

    def fields(self) -> Mapping[str, Any]:
        if not isinstance(self.data, dict):
            raise self.wrong("an object was needed")
        return self.data

    def __getitem__(self, key: str) -> Value:
        """The field of that name, which has to be there."""
        if key not in self.fields():
            raise RefusedError(f"`{shown(self.path)}` has no field `{key}`", f'add "{key}"')
        return Value(self.data[key], f"{self.path}.{key}")

    def get(self, key: str) -> Value | None:
        """The field of that name; None where it is absent or null."""
        found = self.fields().get(key)
        return None if found is None else Value(found, f"{self.path}.{key}")

    def others(self, known: Container[str]) -> Iterator[str]:
        """The names of the fields beside ``known`` that say something: neither empty, 0 nor
        false."""
        return (str(key) for key, item in self.fields().items() if item and key not in known)

    def each(self) -> Iterator[Value]:
        if not isinstance(self.data, list | tuple):
            raise self.wrong("a list was needed")
        return (Value(item, f"{self.path}[{i}]") for i, item in enumerate(self.data))

    def exactly(self, count: int) -> tuple[Value, ...]:
        """The items of a list that has this many."""
        if not isinstance(self.data, list | tuple) or len(self.data) != count:
            raise self.wrong(f"a list of {count} was needed")
        return tuple(self.each())

    def text(self) -> str:
        if not isinstance(self.data, str):
            raise self.wrong("a text was needed")
        return self.data

    def whole(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        found = self.data
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
            raise self.wrong(f"a whole number from 0 to {most:,} was needed")
        return found

    def number(self) -> float:
        found = self.data
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong("a number was needed")
        if (isinstance(found, int) and abs(found) > 1 << 1000) or not math.isfinite(found):
            raise self.wrong("a finite number was needed")
        return float(found)

    def flag(self) -> bool:
        if not isinstance(self.data, bool):
            raise self.wrong("true or false was needed")
        return self.data


def _kind(data: Any) -> str:  # noqa: PLR0911 - one a kind
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case int() if abs(data) >= 1 << 64:
            return "a very large number"
        case int() | float():
            return f"{data}"
        case str():
            return f'"{shown(data)}"'
        case list() | tuple():
            return f"a list of {len(data):,}"
        case dict():
            return "an object"
        case _:
            return f"a {type(data).__name__}"

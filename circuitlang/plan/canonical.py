"""A request as text: the same for equal requests wherever it is written, different for others.

    true false null       the constants
    7   0.5               numbers, as Python writes them
    "END"                 a text, as JSON writes it in ASCII
    Version.LIVE          a member of an enumeration
    Node(layer=3,...)     a record, its fields in the order of their names
    [a,b]                 a sequence, in its order
    {a,b}                 a set, in the order of its texts
    @5f1c...              a variant: the SHA-256 of its text, in hexadecimal

A variant stands under its digest because the same one may be part of thousands of others. Nothing
depends on the order of a dictionary, on hashes of the process or on how an object is pickled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from enum import Enum

from circuitlang.circuit.names import Edge, Node
from circuitlang.circuit.positions import Positions
from circuitlang.plan.variant import Variant


class Canon:
    """Writes values as canonical text, and remembers those that come again and again."""

    def __init__(self) -> None:
        self._texts: dict[object, str] = {}

    def text(self, value: object) -> str:
        """The canonical text. Raises TypeError for a kind of value that the form does not know."""
        if isinstance(value, Node | Edge | Positions | Variant):
            # Records of two types may be equal as tuples, so the type is part of the key.
            key = (type(value), value)
            found = self._texts.get(key)
            if found is None:
                written = self._record(value)
                found = _digest(written) if isinstance(value, Variant) else written
                self._texts[key] = found
            return found
        if isinstance(value, Enum):
            return f"{type(value).__name__}.{value.name}"
        if _fields(value) is not None:
            return self._record(value)
        match value:
            case set() | frozenset():
                return f"{{{','.join(sorted(map(self.text, value)))}}}"
            case tuple() | list():
                return f"[{','.join(map(self.text, value))}]"
            case _:
                return _plain(value)

    def variant(self, value: Variant) -> str:
        """A variant written out: what its digest is of."""
        return self._record(value)

    def _record(self, value: object) -> str:
        pairs = sorted(_fields(value) or ())
        inside = ",".join(f"{name}={self.text(getattr(value, name))}" for name in pairs)
        return f"{type(value).__name__}({inside})"


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value)
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"no canonical text for a {type(value).__name__}")


def _digest(text: str) -> str:
    return f"@{hashlib.sha256(text.encode()).hexdigest()}"


def _fields(value: object) -> tuple[str, ...] | None:
    """The names of a record's fields; None for what is no record. What a record computes for itself
    and does not compare is left out."""
    if dataclasses.is_dataclass(value):
        return tuple(field.name for field in dataclasses.fields(value) if field.compare)
    if isinstance(value, tuple) and isinstance(names := getattr(value, "_fields", None), tuple):
        return names
    return None

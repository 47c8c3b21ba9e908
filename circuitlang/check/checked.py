"""A check is a generator: it yields what it finds and returns what it made of the tree.

``value = yield from check_something(...)`` passes the findings on and takes the value, so rules
compose without a shared list. None as a value means that the findings explain why there is none.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from circuitlang.syntax.diagnostic import Diagnostic

T = TypeVar("T")
Checked = Generator[Diagnostic, None, T]

# A stranger's file can hold more mistakes than anyone reads; each costs a search for a near name.
MOST_FINDINGS = 1000


def collect(checked: Checked[T]) -> tuple[T | None, tuple[Diagnostic, ...]]:
    """Runs a check to its end; gives up without a value after `MOST_FINDINGS`."""
    found: list[Diagnostic] = []
    while len(found) < MOST_FINDINGS:
        try:
            found.append(next(checked))
        except StopIteration as end:
            value: T = end.value
            return value, tuple(found)
    return None, tuple(found)

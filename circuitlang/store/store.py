"""The store: numbers that were measured once, found again by what they depend on.

Nothing that goes wrong here may stop a verification or change a number. Entries that cannot be
trusted are left out and measured again; a folder that cannot be used is gone without. `problems`
says so, once for each kind.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from circuitlang.store.index import NAME, Index, NewerIndexError, Row
from circuitlang.store.keys import Key
from circuitlang.store.parcel import parcel_path, read_parcel, write_parcel
from circuitlang.store.place import prepare, secret
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.source import NOWHERE

PARCELS, DAMAGED = "parcels", "damaged"
INDEX_FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm")


class Stored(NamedTuple):
    """What is known of a request: a number where ``there`` is 1, for each example asked about."""

    values: array[float]
    there: bytearray


class Store:
    """The store in ``folder``, which is made where it is not there. None of its methods raises for
    what the folder holds or cannot take; closed or unusable, it finds and keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index: Index | None = None
        self._damaged: list[str] = []
        self._foreign = 0
        self._unusable: str | None = None
        self._spoilt: set[Key] = set()
        with self._guarded():
            prepare(folder)
            self._index = Index(folder, secret())

    def close(self) -> None:
        with suppress(sqlite3.Error):
            if self._index is not None:
                self._index.close()
        self._index = None

    def find(self, wanted: Mapping[Key, Sequence[Key]]) -> Mapping[Key, Stored]:
        """What is stored of each request on each of its examples."""
        found = {
            request: Stored(array("d", [float("nan")]) * len(examples), bytearray(len(examples)))
            for request, examples in wanted.items()
        }
        with self._guarded():
            if self._index is not None:
                # Requests of one kind share the tuple of their examples' keys.
                places = {id(examples): _places(examples) for examples in wanted.values()}
                at = {request: places[id(examples)] for request, examples in wanted.items()}
                for parcel in self._index.parcels_with(wanted):
                    self._fill(self._index, parcel, at, found)
        return found

    def keep(
        self, requests: Sequence[Key], examples: Sequence[Key], rows: Sequence[Sequence[float]]
    ) -> None:
        """Stores a finished batch: a row of numbers for each request, a column for each example."""
        with self._guarded():
            if self._index is not None:
                digest = write_parcel(self.folder / PARCELS, rows)
                self._index.add(requests, examples, digest, len(requests) * len(examples))

    def spoilt(self, request: Key) -> bool:
        """Whether an entry of this request could not be used."""
        return request in self._spoilt

    def basis(self, spec: str, claim: str) -> str | None:
        """What `set_bases` was last told of a claim."""
        found = None
        with self._guarded():
            if self._index is not None:
                found = self._index.basis(spec, claim)
        return found

    def set_bases(self, spec: str, bases: Mapping[str, str]) -> None:
        """Keeps a text for each of the claims named."""
        with self._guarded():
            if self._index is not None and bases:
                self._index.set_bases(spec, bases)

    def numbers(self) -> int:
        """How many numbers are kept."""
        found = 0
        with self._guarded():
            if self._index is not None:
                found = self._index.numbers()
        return found

    def problems(self) -> tuple[Diagnostic, ...]:
        """Warnings. Codes: damaged-cache, foreign-cache, cache-unusable."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[Diagnostic]:
        if self._damaged:
            more = f" (and {len(self._damaged) - 1} more)" if len(self._damaged) > 1 else ""
            yield Diagnostic(
                "damaged-cache",
                f"`{self.folder / self._damaged[0]}` is not what was stored{more}; "
                "what it held is measured again",
                NOWHERE,
                note=f"what is left of it has been moved to `{self.folder / DAMAGED}`",
                severity=Severity.WARNING,
            )
        if self._foreign:
            yield Diagnostic(
                "foreign-cache",
                f"{self._foreign} entries of `{self.folder}` were not written by this user, or "
                "have been changed since; what they hold is measured again",
                NOWHERE,
                note="a cache that several machines share needs `CIRCUITLANG_CACHE_KEY` on each",
                severity=Severity.WARNING,
            )
        if self._unusable is not None:
            yield Diagnostic(
                "cache-unusable",
                f"the cache in `{self.folder}` cannot be used, and nothing more is kept there: "
                f"{self._unusable}",
                NOWHERE,
                help="`--no-cache` does without; `CIRCUITLANG_CACHE_DIR` names another folder",
                severity=Severity.WARNING,
            )

    def _fill(
        self,
        index: Index,
        parcel: Row,
        at: Mapping[Key, Mapping[Key, Sequence[int]]],
        found: Mapping[Key, Stored],
    ) -> None:
        """Takes from a parcel what is not known yet."""
        if not parcel.sealed:
            self._foreign += 1
            index.remove(parcel.id)
            return
        columns = {
            id(places): [
                (c, i) for c, key in enumerate(parcel.examples) for i in places.get(key, ())
            ]
            for places in at.values()
        }
        spots = {
            row: columns[id(at[request])]
            for row, request in enumerate(parcel.requests)
            if request in at
        }
        if all(found[parcel.requests[row]].there[i] for row in spots for _, i in spots[row]):
            return
        numbers = self._numbers(parcel)
        if numbers is None:
            index.remove(parcel.id)
            self._spoilt.update(parcel.requests)
            return
        for row, pairs in spots.items():
            values, there = found[parcel.requests[row]]
            for column, place in pairs:
                if not there[place]:
                    values[place], there[place] = numbers[row][column], 1

    def _numbers(self, parcel: Row) -> list[array[float]] | None:
        """A parcel's rows, or None where they are not what was stored."""
        rows = read_parcel(self.folder / PARCELS, parcel.digest, len(parcel.examples))
        if rows is None or len(rows) != len(parcel.requests):
            path = parcel_path(self.folder / PARCELS, parcel.digest)
            self._damaged.append(str(path.relative_to(self.folder)))
            self._set_aside(path)
            return None
        return rows

    def _set_aside(self, path: Path) -> None:
        """Out of the way, for whoever wants to know what happened to it."""
        if path.exists():
            (self.folder / DAMAGED).mkdir(exist_ok=True)
            path.replace(self.folder / DAMAGED / f"{path.name}.{uuid4().hex[:8]}")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """What goes wrong inside ends the use of the store, but for a damaged index: a new one is
        begun."""
        try:
            yield
        except NewerIndexError:
            self._give_up("a newer version of circuitlang has written it")
        except sqlite3.OperationalError as error:
            self._give_up(str(error))
        except sqlite3.DatabaseError:
            self._begin_anew()
        except OSError as error:
            self._give_up(error.strerror or str(error))

    def _give_up(self, reason: str) -> None:
        self._unusable = reason
        self.close()

    def _begin_anew(self) -> None:
        self.close()
        self._damaged.append(NAME)
        try:
            for name in INDEX_FILES:
                self._set_aside(self.folder / name)
            self._index = Index(self.folder, secret())
        except (OSError, sqlite3.Error) as error:
            self._give_up(str(error))


def _places(examples: Sequence[Key]) -> Mapping[Key, Sequence[int]]:
    """Where an example stands: twice, if it is there twice."""
    found: dict[Key, list[int]] = {}
    for place, key in enumerate(examples):
        found.setdefault(key, []).append(place)
    return found


def clear(folder: Path) -> None:
    """Removes everything that a store keeps in its folder, and nothing else. Raises OSError."""
    for path in stored_files(folder):
        path.unlink(missing_ok=True)


def stored_files(folder: Path) -> tuple[Path, ...]:
    """The files of a store; nothing else that lies in its folder."""
    parcels = (p for p in (folder / PARCELS).glob("*/*") if p.suffix in (".f64", ".tmp"))
    kept = (folder / DAMAGED).glob("*")
    index = (folder / name for name in INDEX_FILES)
    return tuple(path for path in (*parcels, *kept, *index) if path.is_file())

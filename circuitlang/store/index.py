"""The index: which parcel holds the number of which request on which example. SQLite, and no torch.

    groups    requests that were measured together: their keys, in the order of a parcel's rows
    requests  the groups that a request is in, to find them by
    parcels   a finished batch of a group: the keys of its examples, in the order of the columns
    claims    what a claim was last measured under, for `--explain`

Whatever an answer is made of is sealed: an HMAC under the user's secret over group, examples and
digest. A row that was changed, moved or brought along by somebody else does not verify.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

SCHEMA = 1
NAME = "index.sqlite"

_TABLES = (
    "CREATE TABLE groups (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, keys BLOB NOT NULL)",
    "CREATE TABLE requests (key BLOB NOT NULL, grp INTEGER NOT NULL, PRIMARY KEY (key, grp)) "
    "WITHOUT ROWID",
    "CREATE TABLE parcels (id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, covers BLOB NOT NULL, "
    "examples BLOB NOT NULL, digest TEXT NOT NULL, numbers INTEGER NOT NULL, seal BLOB NOT NULL, "
    "UNIQUE (grp, covers))",
    "CREATE TABLE claims (spec TEXT NOT NULL, claim TEXT NOT NULL, basis TEXT NOT NULL, "
    "seal BLOB NOT NULL, PRIMARY KEY (spec, claim)) WITHOUT ROWID",
)
_WAIT = 20.0  # seconds for another process to finish writing
_AT_ONCE = 500  # SQLite bounds the number of parameters
_SIZE = 32  # of a key


class NewerIndexError(Exception):
    """The index was written by a later version."""


class Row(NamedTuple):
    """A parcel as the index has it; ``sealed`` is whether the user's secret vouches for it."""

    id: int
    digest: str
    requests: tuple[bytes, ...]
    examples: tuple[bytes, ...]
    sealed: bool


class Index:
    """An open index. Every method may raise sqlite3.Error."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Opens the index, or makes it. Raises sqlite3.Error, and NewerIndexError."""
        self._key = key
        self._db = sqlite3.connect(folder / NAME, timeout=_WAIT, isolation_level=None)
        try:
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._db.execute("PRAGMA cell_size_check = ON")
            # Another process that is opening it may hold the lock that the change of mode needs.
            with suppress(sqlite3.OperationalError):
                self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._make_tables()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def _make_tables(self) -> None:
        with self._writing():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA:
                raise NewerIndexError
            if version == 0:
                for table in _TABLES:
                    self._db.execute(table)
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
        if {sql for (sql,) in self._db.execute(made)} != set(_TABLES):
            raise sqlite3.DatabaseError("its tables are not those of an index")

    def parcels_with(self, keys: Iterable[bytes]) -> Iterator[Row]:
        """Every parcel of a group that one of the requests is in."""
        groups: set[int] = set()
        for part in _parts(list(keys)):
            marks = ",".join("?" * len(part))
            query = f"SELECT DISTINCT grp FROM requests WHERE key IN ({marks})"
            groups.update(grp for (grp,) in self._db.execute(query, part))
        for grp in sorted(groups):
            query = "SELECT keys FROM groups WHERE id = ?"
            found = self._db.execute(query, (grp,)).fetchone()
            requests = _bytes(found[0]) if found else b""
            query = "SELECT id, digest, examples, seal FROM parcels WHERE grp = ? ORDER BY id"
            for number, digest, examples, seal in self._db.execute(query, (grp,)).fetchall():
                expected = self._seal(requests, _bytes(examples), str(digest))
                sealed = hmac.compare_digest(_bytes(seal), expected)
                yield Row(number, str(digest), _keys(requests), _keys(_bytes(examples)), sealed)

    def add(
        self, requests: Sequence[bytes], examples: Sequence[bytes], digest: str, numbers: int
    ) -> None:
        """A parcel that has been written; nothing happens where the group's batch is there."""
        keys, columns = b"".join(requests), b"".join(examples)
        of_group = hashlib.sha256(keys).digest()
        with self._writing():
            self._db.execute(
                "INSERT INTO groups (digest, keys) VALUES (?, ?) "
                "ON CONFLICT (digest) DO UPDATE SET keys = excluded.keys",
                (of_group, keys),
            )
            (grp,) = self._db.execute(
                "SELECT id FROM groups WHERE digest = ?", (of_group,)
            ).fetchone()
            self._db.executemany(
                "INSERT OR IGNORE INTO requests (key, grp) VALUES (?, ?)",
                [(key, grp) for key in requests],
            )
            self._db.execute(
                "INSERT OR IGNORE INTO parcels (grp, covers, examples, digest, numbers, seal) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    grp,
                    hashlib.sha256(columns).digest(),
                    columns,
                    digest,
                    numbers,
                    self._seal(keys, columns, digest),
                ),
            )

    def remove(self, parcel: int) -> None:
        """A parcel that cannot be used."""
        self._db.execute("DELETE FROM parcels WHERE id = ?", (parcel,))

    def numbers(self) -> int:
        """How many numbers all parcels hold."""
        (total,) = self._db.execute("SELECT COALESCE(SUM(numbers), 0) FROM parcels").fetchone()
        return int(total)

    def basis(self, spec: str, claim: str) -> str | None:
        """What a claim was last measured under; None where it never was by this user."""
        query = "SELECT basis, seal FROM claims WHERE spec = ? AND claim = ?"
        found = self._db.execute(query, (spec, claim)).fetchone()
        if found is None:
            return None
        basis = str(found[0])
        genuine = hmac.compare_digest(_bytes(found[1]), self._seal(spec, claim, basis))
        return basis if genuine else None

    def set_bases(self, spec: str, bases: Mapping[str, str]) -> None:
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO claims (spec, claim, basis, seal) VALUES (?, ?, ?, ?)",
                [(spec, name, text, self._seal(spec, name, text)) for name, text in bases.items()],
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that begins as a writer's, so that two writers wait for each other."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _seal(self, *parts: bytes | str) -> bytes:
        encoded = (part.encode() if isinstance(part, str) else part for part in parts)
        digests = b"".join(hashlib.sha256(part).digest() for part in encoded)
        return hmac.digest(self._key, digests, "sha256")


def _parts(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _keys(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[at : at + _SIZE] for at in range(0, len(joined), _SIZE))


def _bytes(value: object) -> bytes:
    """SQLite keeps any type in any column."""
    return value if isinstance(value, bytes) else b""

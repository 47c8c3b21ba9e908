"""Parcels: files of numbers, named by their content and written whole.

A parcel is a matrix, a row for each request and a column for each example of a finished batch, as
float64 in little-endian order, row by row, and nothing else. Its name is the SHA-256 of its bytes,
so a parcel that is not what it was is found out by reading it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_parcel(folder: Path, rows: Sequence[Sequence[float]]) -> str:
    """Writes a matrix and gives its digest, in hexadecimal. Raises OSError if that cannot be done;
    no file of that name has changed then."""
    numbers = array("d")
    for row in rows:
        numbers.extend(row)
    if sys.byteorder == "big":
        numbers.byteswap()
    content = numbers.tobytes()
    digest = hashlib.sha256(content).hexdigest()
    path = parcel_path(folder, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{digest}.{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    return digest


def read_parcel(folder: Path, digest: str, columns: int) -> list[array[float]] | None:
    """The rows of a parcel, or None where there is no file of that content."""
    try:
        content = parcel_path(folder, digest).read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != digest or not columns or len(content) % (8 * columns):
        return None
    numbers = array("d")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return [numbers[at : at + columns] for at in range(0, len(numbers), columns)]


def parcel_path(folder: Path, digest: str) -> Path:
    """Where a parcel lies; the digest of an index that cannot be trusted leads nowhere else."""
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError("no digest")
    return folder / digest[:2] / f"{digest[2:]}.f64"

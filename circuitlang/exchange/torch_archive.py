"""What ``torch.save`` wrote: an archive with a pickle and, beside it, the bytes of each storage.

The archive is opened, the pickle is read as data (`pickled`) and storages are cut from the bytes.
torch is not needed, and nothing in the file is run.
"""

from __future__ import annotations

import io
import itertools
import sys
from array import array
from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from circuitlang.exchange.pickled import FIX, Symbol, Vocabulary, read_pickle, unsafe
from circuitlang.syntax.strict_json import RefusedError

_TENSOR = Symbol("torch._utils", "_rebuild_tensor_v2")
# The storage classes that are read, with the code that `array` has for their numbers.
_CODES: Mapping[Symbol, str] = MappingProxyType(
    {
        Symbol("torch", "FloatStorage"): "f",
        Symbol("torch", "DoubleStorage"): "d",
        Symbol("torch", "BoolStorage"): "b",
    }
)
_MOST_TENSORS = 64


class Tensor(NamedTuple):
    """A dense tensor: ``flat`` are its numbers in row-major order, 0 or 1 where ``boolean``."""

    shape: tuple[int, ...]
    boolean: bool
    flat: Sequence[float]


class _Storage(NamedTuple):
    code: str
    numbers: array[Any]


def is_archive(content: bytes) -> bool:
    return content[:2] == b"PK"


def is_old(content: bytes) -> bool:
    """Whether it begins as a pickle and not as an archive, as what torch saved before 1.6."""
    return content[:2] == b"\x80\x02"


def pickle_of(content: bytes) -> bytes:
    """The pickle of an archive. Raises `RefusedError` for what torch did not save."""
    return _part(content, "data.pkl")


def read_tensors(content: bytes) -> Any:
    """The value of an archive: plain data, and a `Tensor` for each dense tensor of floats or
    booleans. Raises `RefusedError` for any other, and as `read_pickle` does."""
    return read_pickle(pickle_of(content), _words(content))


def _part(content: bytes, name: str) -> bytes:
    """One file of the archive's only folder. torch stores files as they are: a compressed one is
    refused, so that nothing is unpacked to more than the archive has."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            folders = [one[:-8] for one in archive.namelist() if one.endswith("/data.pkl")]
            if len(folders) != 1:
                raise RefusedError("it is an archive that torch did not save", FIX)
            found = archive.getinfo(folders[0] + name)
            if found.compress_type != zipfile.ZIP_STORED:
                raise RefusedError("it is compressed, and torch compresses nothing", FIX)
            return archive.read(found)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise RefusedError("it is a damaged archive", FIX) from error
    except (KeyError, EOFError) as error:
        raise RefusedError(f"it is an archive without a whole `{name}`", FIX) from error


def _words(content: bytes) -> Vocabulary:
    loaded = itertools.count(1)

    def load(found: Any) -> _Storage:
        # Each copies numbers, and a pickle can name the same storage as often as it likes.
        if next(loaded) > _MOST_TENSORS:
            raise RefusedError(f"it holds more than {_MOST_TENSORS} tensors", FIX)
        match found:
            case ("storage", Symbol() as kind, str() as key, str(), int()) if kind in _CODES:
                return _storage(_part(content, f"data/{key}"), _CODES[kind])
            case _:
                raise unsafe("it holds an object that is no storage of floats or booleans")

    return Vocabulary(frozenset({_TENSOR, *_CODES}), _call, _make, load)


def _call(symbol: Symbol, arguments: Any) -> Any:
    if symbol == _TENSOR and isinstance(arguments, tuple) and len(arguments) >= 4:
        return _tensor(*arguments[:4])
    raise unsafe("it calls what is no constructor of plain data")


def _make(symbol: Symbol) -> Any:
    raise unsafe(f"it makes an object of `{symbol.module}.{symbol.name}`")


def _storage(content: bytes, code: str) -> _Storage:
    numbers = array(code)
    numbers.frombytes(content[: len(content) // numbers.itemsize * numbers.itemsize])
    if sys.byteorder == "big":
        numbers.byteswap()
    return _Storage(code, numbers)


def _tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Tensor:
    """A tensor whose numbers lie one after the other, as those of a graph do."""
    whole = isinstance(storage, _Storage) and isinstance(offset, int) and _sizes(size)
    if not whole or not _sizes(stride) or stride != _row_major(size):
        raise RefusedError("a tensor in it is no dense one in row-major order", FIX)
    end = offset + prod(size)
    if offset < 0 or end > len(storage.numbers):
        raise RefusedError("a tensor in it is larger than its storage", FIX)
    return Tensor(size, storage.code == "b", memoryview(storage.numbers)[offset:end])


def _sizes(found: Any) -> bool:
    return isinstance(found, tuple) and all(
        isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 1 << 32 for one in found
    )


def _row_major(size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(size[i + 1 :]) for i in range(len(size)))

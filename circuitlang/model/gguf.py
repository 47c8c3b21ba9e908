"""GGUF files read once, and fast.

transformers parses the whole header of a GGUF file for the configuration, again for the tokenizer
and again for the weights, and builds the table of tensor names once for every module. Both depend
on nothing but their arguments. gguf's reader slices a memory map once for every string in the file,
and a slice of a map costs several times one of an ordinary array. Remembering, and reading the map
as an array, opens a model in a sixth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gguf
import numpy as np

_Reader: Any = gguf.GGUFReader


class _ArrayReader(_Reader):  # type: ignore[misc]
    """gguf's reader over an ordinary array that shares the memory map's pages."""

    @property
    def data(self) -> Any:
        return self._array

    @data.setter
    def data(self, mapped: Any) -> None:
        self._array = np.asarray(mapped)


@contextmanager
def remembered() -> Iterator[None]:
    """Inside, gguf's reader and table of names are made once for the same arguments; also where one
    such block stands in another."""
    library: Any = gguf
    reader, names = library.GGUFReader, library.get_tensor_name_map
    fast = _ArrayReader if reader is _Reader else reader
    library.GGUFReader, library.get_tensor_name_map = cache(fast), cache(names)
    try:
        yield
    finally:
        library.GGUFReader, library.get_tensor_name_map = reader, names

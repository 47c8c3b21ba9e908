"""The names in ACDC's pickles, and the plain data that they stand for."""

from __future__ import annotations

from typing import Any

from circuitlang.exchange.pickled import Record, Symbol, Vocabulary, read_pickle, unsafe
from circuitlang.exchange.torch_archive import is_archive, pickle_of

_SLICES = (Symbol("builtins", "slice"), Symbol("__builtin__", "slice"))
_OBJECTS = (Symbol("builtins", "object"), Symbol("__builtin__", "object"))
_MAKERS = (Symbol("copyreg", "_reconstructor"), Symbol("copy_reg", "_reconstructor"))
# Where ACDC's class of indices has lived; its files say where it was when they were written.
_INDICES = tuple(
    Symbol(module, "TorchIndex")
    for module in (
        *("acdc.TLACDCEdge", "acdc.acdc_utils", "acdc.utils"),
        *("transformer_lens.acdc.utils", "transformer_lens.acdc_utils", "transformer_lens.utils"),
    )
)


def read_saved(content: bytes) -> Any:
    """The value of a pickle of ``save_edges`` or an archive of ``save_subgraph``; an index is a
    `Record`. Raises `RefusedError` as `read_pickle` does."""
    return read_pickle(pickle_of(content) if is_archive(content) else content, _WORDS)


def _call(symbol: Symbol, _: Any) -> Any:
    if symbol in _SLICES:
        return None  # every slice that ACDC makes is `:`
    if symbol in _MAKERS or symbol in _INDICES:
        return Record()
    raise unsafe("it calls what is no constructor of plain data")


def _make(symbol: Symbol) -> Record:
    if symbol not in _INDICES:
        raise unsafe("it makes an object that is no plain data")
    return Record()


def _load(_: Any) -> Any:
    raise unsafe("it holds an object that is kept elsewhere")


_WORDS = Vocabulary(frozenset({*_SLICES, *_OBJECTS, *_MAKERS, *_INDICES}), _call, _make, _load)

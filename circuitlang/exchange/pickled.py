"""The data of a pickle, without unpickling it.

A pickle is a program for a small machine that can call any function of any module. Here its opcodes
are read with `pickletools`, which runs none of them, and only those that build plain data are
followed: numbers, texts, None, booleans, lists, tuples, dicts. Nothing is imported and nothing is
called. A few names are known *as spellings* and stand for plain data: ``collections.OrderedDict``
for a dict, and those of a format's `Vocabulary`; every other name is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from circuitlang.syntax.strict_json import RefusedError, shown

MOST_BYTES = 64 << 20
MOST_STEPS = 20_000_000
FIX = "write the file as JSON where it was made; see docs/exchange.md"
_MALFORMED = (ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error, EOFError)


class Symbol(NamedTuple):
    """A name that the pickle mentions. Never looked up."""

    module: str
    name: str


class Vocabulary(NamedTuple):
    """The names that a format's pickles may mention, and the plain data that stands for calling one
    with a tuple of arguments (``call``), for a bare object of a class (``make``), and for an object
    that is kept beside the pickle (``load``). Each raises `unsafe` for what is none of its own."""

    known: frozenset[Symbol]
    call: Callable[[Symbol, Any], Any]
    make: Callable[[Symbol], Any]
    load: Callable[[Any], Any]


class Record(dict[Any, Any]):
    """The attributes of an object, as plain data."""


def unsafe(reason: str) -> RefusedError:
    return RefusedError(f"the pickle does more than hold data: {reason}", FIX, "unsafe-pickle")


_DICT = Symbol("collections", "OrderedDict")
_MARK = object()


@dataclass
class _Machine:
    words: Vocabulary
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def marked(self) -> list[Any]:
        """What stands above the last mark, which goes too."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("no mark")
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found


def read_pickle(content: bytes, words: Vocabulary) -> Any:
    """The value of a pickle.

    Raises `RefusedError` for one that does more than build plain data (``unsafe-pickle``), that is
    damaged, or that is larger than `MOST_BYTES`.
    """
    if len(content) > MOST_BYTES:
        raise RefusedError(f"it has more than {MOST_BYTES:,} bytes")
    import pickletools

    machine = _Machine(words)
    try:
        for step, (opcode, argument, at) in enumerate(pickletools.genops(content)):
            if step >= MOST_STEPS:
                raise RefusedError(f"it has more than {MOST_STEPS:,} opcodes")
            if opcode.name == "STOP":
                return machine.stack.pop()
            run = _OPCODES.get(opcode.name)
            if run is None:
                raise unsafe(
                    f"the opcode {opcode.name} at byte {at or 0:,} builds no number, text or list"
                )
            run(machine, argument)
    except _MALFORMED as error:
        raise RefusedError("it is a damaged pickle", FIX) from error
    raise RefusedError("it is a pickle without an end", FIX)


def _known(machine: _Machine, module: str, name: str) -> Symbol:
    symbol = Symbol(module, name)
    if symbol != _DICT and symbol not in machine.words.known:
        raise unsafe(f"it names `{shown(module)}.{shown(name)}`, which loading would import")
    return symbol


# --- opcodes ---------------------------------------------------------------------------------


def _push(machine: _Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _pop(machine: _Machine, _: Any) -> None:
    machine.stack.pop()


def _pop_mark(machine: _Machine, _: Any) -> None:
    machine.marked()


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _memoize(machine: _Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _of(make: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    def run(machine: _Machine, _: Any) -> None:
        machine.stack.append(make(machine.marked()))

    return run


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def run(machine: _Machine, _: Any) -> None:
        if len(machine.stack) < count:
            raise IndexError(count)
        found = tuple(machine.stack[len(machine.stack) - count :])
        del machine.stack[len(machine.stack) - count :]
        machine.stack.append(found)

    return run


def _append(machine: _Machine, _: Any) -> None:
    item = machine.stack.pop()
    _list(machine.stack[-1]).append(item)


def _appends(machine: _Machine, _: Any) -> None:
    items = machine.marked()
    _list(machine.stack[-1]).extend(items)


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError("no list")
    return found


def _set_item(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set(machine.stack[-1], [key, value])


def _set_items(machine: _Machine, _: Any) -> None:
    items = machine.marked()
    _set(machine.stack[-1], items)


def _set(found: Any, items: list[Any]) -> None:
    if not isinstance(found, dict) or len(items) % 2:
        raise TypeError("no dict")
    found.update(_pairs(items))


def _pairs(items: list[Any]) -> dict[Any, Any]:
    for key in items[::2]:
        _check_key(key, 2)
    return dict(zip(items[::2], items[1::2], strict=True))


def _check_key(key: Any, depth: int) -> None:
    """A key is a scalar or a short tuple of such: to hash tuples that share their parts takes time
    exponential in their depth."""
    if isinstance(key, tuple) and depth and len(key) < 8:
        for part in key:
            _check_key(part, depth - 1)
    elif not isinstance(key, str | int | None):
        raise TypeError("no key")


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    machine.stack.append(_known(machine, module, name))


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(module, str) or not isinstance(name, str):
        raise TypeError("no name")
    machine.stack.append(_known(machine, module, name))


def _reduce(machine: _Machine, _: Any) -> None:
    """What calling a known name would give, as plain data."""
    arguments, symbol = machine.stack.pop(), machine.stack.pop()
    if not isinstance(symbol, Symbol):
        raise unsafe("it calls what is no constructor of plain data")
    empty = symbol == _DICT and arguments == ()
    machine.stack.append({} if empty else machine.words.call(symbol, arguments))


def _new_object(machine: _Machine, _: Any) -> None:
    _, symbol = machine.stack.pop(), machine.stack.pop()
    if not isinstance(symbol, Symbol):
        raise unsafe("it makes an object that is no plain data")
    machine.stack.append(machine.words.make(symbol))


def _load(machine: _Machine, _: Any) -> None:
    machine.stack.append(machine.words.load(machine.stack.pop()))


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    found = machine.stack[-1]
    if not isinstance(found, Record) or not isinstance(state, dict):
        raise unsafe("it sets the state of what is no plain data")
    found.update(state)


_LITERALS = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    "BINUNICODE8",
)
_OPCODES: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(_LITERALS, _push),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, argument: None),
    "NONE": lambda machine, _: _push(machine, None),
    "NEWTRUE": lambda machine, _: _push(machine, True),
    "NEWFALSE": lambda machine, _: _push(machine, False),
    "MARK": lambda machine, _: _push(machine, _MARK),
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "MEMOIZE": _memoize,
    "EMPTY_LIST": lambda machine, _: _push(machine, []),
    "EMPTY_TUPLE": lambda machine, _: _push(machine, ()),
    "EMPTY_DICT": lambda machine, _: _push(machine, {}),
    "LIST": _of(list),
    "TUPLE": _of(tuple),
    "DICT": _of(_pairs),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "APPEND": _append,
    "APPENDS": _appends,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "BINPERSID": _load,
    "NEWOBJ": _new_object,
    "BUILD": _build,
}

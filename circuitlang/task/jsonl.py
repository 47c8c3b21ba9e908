"""The lines of a JSONL task file, as records; no tokenizer yet."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from circuitlang.circuit.circuit import FileData
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.limits import MOST_BYTES, MOST_LINE, MOST_LINES
from circuitlang.task.locate import Range

_FIELDS = ("clean", "corrupt", "answer", "against", "positions", "template", "note")
_SHOWN = 4


class Line(NamedTuple):
    """One example of a file. ``positions`` are character ranges of ``clean``; ``answer`` and
    ``against`` are the tokens' texts, with the leading space that belongs to them."""

    number: int
    clean: str
    corrupt: Mapping[str, str]
    answer: tuple[str, ...]
    against: tuple[str, ...]
    positions: Mapping[str, Range]
    template: str | None


def read_lines(data: FileData) -> tuple[tuple[Line, ...], tuple[Diagnostic, ...]]:
    """The lines of the file, empty ones left out; findings where it is not there, not the file that
    was checked, too large, or not made of examples."""
    try:
        with data.path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return (), (
            Diagnostic("missing-file", f"`{data.path.name}` cannot be read: {reason}", data.span),
        )
    if len(content) > MOST_BYTES:
        message = f"`{data.path.name}` holds more than {MOST_BYTES:,} bytes, the most that is read"
        return (), (Diagnostic("file-too-large", message, data.span),)
    if hashlib.sha256(content).hexdigest() != data.sha256:
        message = f"`{data.path.name}` is not the file that was pinned"
        return (), (Diagnostic("digest-mismatch", message, data.span),)
    return _parse(content, data)


def _parse(content: bytes, data: FileData) -> tuple[tuple[Line, ...], tuple[Diagnostic, ...]]:
    if content.count(b"\n") > MOST_LINES:
        message = f"`{data.path.name}` holds more than {MOST_LINES:,} lines, the most that is read"
        return (), (Diagnostic("file-too-large", message, data.span),)
    lines: list[Line] = []
    faults: list[tuple[int, str]] = []
    numbers: dict[bytes, int] = {}
    for number, text in enumerate(content.split(b"\n"), start=1):
        if not text.strip():
            continue
        twin = numbers.setdefault(hashlib.sha256(text.strip()).digest(), number)
        line = parse_line(number, text) if twin == number else f"repeats line {twin}"
        if isinstance(line, Line):
            lines.append(line)
        else:
            faults.append((number, line))
    return tuple(lines), bad_lines(data, faults)


def bad_lines(data: FileData, faults: list[tuple[int, str]]) -> tuple[Diagnostic, ...]:
    """One finding for the file, or none: the first line at fault, a few others, and how many."""
    if not faults:
        return ()
    (number, reason), *others = faults
    listed = [f"line {n} {r}" for n, r in others[:_SHOWN]]
    if len(others) > _SHOWN:
        listed.append(f"and {len(others) - _SHOWN:,} more")
    return (
        Diagnostic(
            "bad-data-line",
            f"line {number} of `{data.path.name}` {reason}",
            data.span,
            label=f"{counted(len(faults), 'line')} of it cannot be used",
            note="; ".join(listed) or None,
        ),
    )


class _FaultError(ValueError):
    """What is wrong with a line, as the end of a sentence that starts with it."""


def parse_line(number: int, text: bytes) -> Line | str:
    """The record, or what is wrong with the line."""
    if len(text) > MOST_LINE:
        return f"holds more than {MOST_LINE:,} bytes"
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
        return _line(number, value)
    except _FaultError as fault:
        return str(fault)
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg.lower()} at column {error.colno}"
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    except (ValueError, RecursionError):
        return "is not JSON that can be read"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise _FaultError("says the same field twice")
    return record


def _line(number: int, value: object) -> Line:
    record = _mapping(value, "a line")
    for field in record:
        if field not in _FIELDS:
            near = difflib.get_close_matches(field, _FIELDS, n=1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise _FaultError(f"has a field `{field[:60]}` that means nothing here{meant}")
    if "clean" not in record:
        raise _FaultError("has no `clean` prompt")
    clean = _text(record["clean"], "clean")
    corrupt = _mapping(record.get("corrupt", {}), "corrupt")
    spans = _mapping(record.get("positions", {}), "positions")
    template = record.get("template")
    return Line(
        number,
        clean,
        {name: _text(prompt, f"corrupt.{name}") for name, prompt in corrupt.items()},
        _texts(record.get("answer", []), "answer"),
        _texts(record.get("against", []), "against"),
        {name: _range(span, name, clean) for name, span in spans.items()},
        None if template is None else _text(template, "template"),
    )


def _mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _FaultError(f"is not an example: {what} has to be an object in braces")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise _FaultError(f"has no text as `{what[:60]}`")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise _FaultError(f"has half a character in `{what[:60]}`")
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(_text(item, what) for item in items))


def _range(value: object, name: str, clean: str) -> Range:
    match value:
        case [int(start), int(end)] if not isinstance(start, bool) and not isinstance(end, bool):
            if 0 <= start < end <= len(clean):
                return start, end
        case _:
            pass
    raise _FaultError(
        f"has no range `[start, end]` of its {len(clean)} clean characters as `{name[:60]}`"
    )

"""Settings and call arguments against their signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from circuitlang.check.checked import Checked
from circuitlang.check.scope import Scope
from circuitlang.check.suggest import listed, suggest
from circuitlang.check.vocabulary import Field, Signature
from circuitlang.circuit.circuit import Search
from circuitlang.circuit.names import LOGITS, Node, parse_node
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Span

Values = Mapping[str, Any]

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_MOST_DIGITS = 20


class Given(NamedTuple):
    key: tree.Name | None
    value: tree.Value
    span: Span


def settings_of(settings: Iterable[tree.Setting]) -> tuple[Given, ...]:
    return tuple(Given(s.key, s.value, s.span) for s in settings)


def arguments_of(call: tree.Call | tree.Name) -> tuple[Given, ...]:
    """The arguments of a call; a bare name has none."""
    if isinstance(call, tree.Name):
        return ()
    return tuple(Given(a.name, a.value, a.span) for a in call.arguments)


def bind(
    owner: tree.Name, given: Iterable[Given], fields: Signature, scope: Scope, *, settings: bool
) -> Checked[Values | None]:
    """The value of every field, defaults filled in; None after any finding.

    ``owner`` is what takes the settings or arguments: missing ones are reported there.
    """
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {field.name: field.default for field in fields if not field.required}
    seen: dict[str, Span] = {}
    sound = named = True
    for entry in given:
        if entry.key is None:
            yield Diagnostic(
                "unnamed-argument",
                f"`{owner}` takes named arguments, found a bare value",
                entry.span,
                help=f"write `{_example(fields, describe(entry.value))}`" if fields else None,
            )
            sound = named = False
            continue
        name = entry.key.text
        if name not in known:
            yield _unknown(owner, entry.key, known, settings)
            sound = False
        elif name in seen:
            yield Diagnostic(
                "duplicate-setting" if settings else "duplicate-argument",
                f"`{name}` is given twice",
                entry.key.span,
                secondary=(Label(seen[name], "first given here"),),
            )
            sound = False
        else:
            seen[name] = entry.key.span
            value = yield from read(known[name], entry.value, scope)
            values[name] = value
            sound &= value is not None
    for field in fields:
        if field.required and named and field.name not in seen:
            yield _missing(owner, field, settings)
            sound = False
    return {f.name: values[f.name] for f in fields if f.name in values} if sound else None


def _unknown(
    owner: tree.Name, key: tree.Name, known: Mapping[str, Field], settings: bool
) -> Diagnostic:
    what = "settings" if settings else "arguments"
    help_ = suggest(key.text, known, what) or f"`{owner}` takes no {what}"
    return Diagnostic(
        "unknown-setting" if settings else "unknown-argument",
        f"`{owner}` has no {what[:-1]} `{key}`",
        key.span,
        help=help_,
    )


def _missing(owner: tree.Name, field: Field, settings: bool) -> Diagnostic:
    if settings:
        return Diagnostic(
            "missing-setting",
            f"`{owner}` needs `{field.name}`",
            owner.span,
            help=f"write `{field.name} = ...`",
        )
    return Diagnostic(
        "missing-argument",
        f"`{owner}` needs the argument `{field.name}`",
        owner.span,
        help=f"write `{owner}({_example((field,))})`",
    )


def _example(fields: Signature, value: str | None = None) -> str:
    field = fields[0]
    shown = value or (field.choices[0] if field.choices else field.kind.upper())
    return f"{field.name}={shown}"


def read(field: Field, value: tree.Value, scope: Scope) -> Checked[Any]:
    """What a value means for a field, or None after a finding."""
    match value:
        case tree.Name() | tree.Call() if field.kind == "call":
            return value
        case tree.Name() | tree.Call() if field.kind == "search":
            return (yield from _search(field, value))
        case tree.Text(text) | tree.Name(text) if _is_word(field, value):
            return text
        case tree.Name() if field.kind in _NAMES:
            return (yield from _NAMES[field.kind](scope, field, value))
        case tree.Number() if _is_of_kind(value, field.kind):
            return (yield from _bounded(field, value))
    yield Diagnostic(
        "wrong-value",
        f"`{field.name}` takes {_wanted(field)}, not `{describe(value)}`",
        value.span,
        help=_value_help(field, value),
    )
    return None


def _is_word(field: Field, value: tree.Text | tree.Name) -> bool:
    if isinstance(value, tree.Text):
        return field.kind == "text"
    return field.kind in ("choice", "position") and value.text in field.choices


def _component(scope: Scope, field: Field, name: tree.Name) -> Checked[str | Node | None]:
    if parse_node(name.text) is None:
        return (yield from scope.role(name, heads_only=field.heads_only))
    return (yield from scope.node(name))


def _receiver(scope: Scope, field: Field, name: tree.Name) -> Checked[str | Node | None]:
    if name.text == str(LOGITS):
        return LOGITS
    return (yield from _component(scope, field, name))


_NAMES: Mapping[str, Callable[[Scope, Field, tree.Name], Checked[Any]]] = {
    "slot": lambda scope, _, name: scope.slot(name),
    "corruption": lambda scope, _, name: scope.corruption(name),
    "position": lambda scope, _, name: scope.position(name),
    "role": lambda scope, field, name: scope.role(name, heads_only=field.heads_only),
    "component": _component,
    "receiver": _receiver,
}

_WANTED: Mapping[str, str] = {
    "integer": "a whole number",
    "share": "a percentage",
    "text": "a quoted string",
    "component": "a role, a head or an MLP",
    "receiver": "a role, a head, an MLP or `logits`",
    "call": "a name with arguments",
}


def _wanted(field: Field) -> str:
    if field.kind == "position" and field.choices:
        return f"the name of a position, or {listed(field.choices)}"
    if field.choices:
        return f"one of {listed(field.choices)}"
    return _WANTED.get(field.kind, f"the name of a {field.kind}")


def _value_help(field: Field, value: tree.Value) -> str | None:
    match field.kind, value:
        case "choice", tree.Name():
            return suggest(value.text, field.choices, "values")
        case "choice", tree.Text() if value.value in field.choices:
            return f"write `{field.name} = {value.value}` without quotes"
        case "text", tree.Name() | tree.Number():
            return f'write `{field.name} = "{describe(value)}"`'
        case "share", tree.Number() if value.value <= 1:
            return f"write `{field.name} = {value.value * 100:g}%`"
        case _:
            return None


def _is_of_kind(number: tree.Number, kind: str) -> bool:
    if kind == "share":
        return number.percent
    return kind == "integer" and not number.percent and bool(_INTEGER.match(number.literal))


def _bounded(field: Field, number: tree.Number) -> Checked[int | float | None]:
    value = float(number.literal) if field.kind == "share" else _whole(number.literal)
    low, high = field.bounds
    if low <= value <= high:
        return round(value / 100, 12) if field.kind == "share" else value
    unit = "%" if number.percent else ""
    yield Diagnostic(
        "out-of-bounds",
        f"`{field.name}` is {describe(number)[:40]}, allowed are {low:.12g}{unit} to "
        f"{high:.12g}{unit}",
        number.span,
    )
    return None


def _whole(literal: str) -> int:
    """The number, cut to a length beyond every bound: converting more digits costs time."""
    return int(literal[:_MOST_DIGITS])


def _search(field: Field, value: tree.Name | tree.Call) -> Checked[Search | None]:
    """A search by its name, with a size where the choice is spelled ``name(n)``."""
    name = value if isinstance(value, tree.Name) else value.name
    arguments = arguments_of(value)
    sized = f"{name}(n)" in field.choices
    if not sized and name.text not in field.choices:
        yield Diagnostic(
            "wrong-value",
            f"`{field.name}` takes {_wanted(field)}, not `{name}`",
            name.span,
            help=suggest(name.text, field.choices, "searches"),
        )
        return None
    if not sized and not arguments:
        return Search(name.text)
    if sized and not arguments and field.size is not None:
        return Search(name.text, field.size)
    size = arguments[0].value if len(arguments) == 1 and arguments[0].key is None else None
    if not sized or not isinstance(size, tree.Number):
        yield Diagnostic(
            "wrong-value",
            f"`{name}` takes {'one number, its size' if sized else 'no size'}",
            value.span,
            help=f"write `{field.name}={name}{f'({field.size or 20})' if sized else ''}`",
        )
        return None
    sizes = Field(f"{name}(n)", "integer", bounds=field.bounds)
    number = yield from read(sizes, size, Scope())
    return None if number is None else Search(name.text, number)


def describe(value: tree.Value) -> str:
    """The value as it is written, near enough for a message."""
    match value:
        case tree.Name():
            return value.text
        case tree.Text():
            return f'"{value.value}"'
        case tree.Number():
            return value.literal + ("%" if value.percent else "")
        case tree.Call():
            listed_ = (
                (f"{a.name}=" if a.name else "") + describe(a.value) for a in value.arguments
            )
            return f"{value.name}({', '.join(listed_)})"

"""The explicit form, which writes every default out, and the canonical form, which is hashed.

The canonical form is the explicit one, sorted, without comments, `doc`, `cite` and the reasons of
waivers: prose changes no number and no verdict. Everything else, thresholds included, is in it.
What determines a *measurement* is less, and is keyed elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from circuitlang.check.vocabulary import (
    ABLATIONS,
    COVERS,
    GENERATORS,
    MEASURE_ARGUMENTS,
    MODEL_SETTINGS,
    POLICY_SETTINGS,
    TASK_SETTINGS,
    Field,
    Signature,
)
from circuitlang.circuit.circuit import Argument
from circuitlang.circuit.names import parse_node
from circuitlang.syntax import tree
from circuitlang.syntax.print import print_file


def explicit(file: tree.File) -> tree.File:
    """The same file with every default written out; what cannot be resolved stays as it is."""
    if file.circuit is None:
        return file
    statements = tuple(_explicit(statement) for statement in file.circuit.statements)
    return replace(file, circuit=replace(file.circuit, statements=statements))


def _explicit(statement: tree.Statement) -> tree.Statement:
    match statement:
        case tree.Model():
            return replace(statement, settings=_settings(statement.settings, MODEL_SETTINGS))
        case tree.Policy():
            return replace(statement, settings=_settings(statement.settings, POLICY_SETTINGS))
        case tree.Task():
            return replace(statement, statements=_task(statement.statements))
        case tree.Claim() if statement.measure.name.text in MEASURE_ARGUMENTS:
            known = MEASURE_ARGUMENTS[statement.measure.name.text]
            return replace(statement, measure=_call(statement.measure, known))
        case _:
            return statement


def _task(statements: Sequence[tree.TaskStatement]) -> tuple[tree.TaskStatement, ...]:
    settings = [s for s in statements if isinstance(s, tree.Setting)]
    others = tuple(_generate(s) for s in statements if not isinstance(s, tree.Setting))
    return (*others, *_settings(settings, TASK_SETTINGS))


def _generate(statement: tree.TaskStatement) -> tree.TaskStatement:
    if isinstance(statement, tree.Generate) and statement.call.name.text in GENERATORS:
        arguments = GENERATORS[statement.call.name.text].arguments
        return replace(statement, call=_call(statement.call, arguments))
    return statement


def _settings(settings: Iterable[tree.Setting], known: Signature) -> tuple[tree.Setting, ...]:
    given = tuple(settings)
    names = {setting.key.text for setting in given}
    added = (
        tree.Setting(tree.Name(field.name), _written(field, field.default))
        for field in known
        if field.name not in names and field.default is not None
    )
    return tuple(replace(s, value=_called(s)) for s in (*given, *added))


_CALLS: Mapping[str, Mapping[str, Signature]] = {"ablation": ABLATIONS, "cover": COVERS}


def _called(setting: tree.Setting) -> tree.Value:
    """A setting that is a call with all its arguments, or without brackets where it takes none."""
    value = setting.value
    if not isinstance(value, tree.Call | tree.Name):
        return value
    call = value if isinstance(value, tree.Call) else tree.Call(value)
    known = _CALLS.get(setting.key.text, {}).get(call.name.text)
    if known is None:
        return value
    full = _call(call, known)
    return full if full.arguments else full.name


def _call(call: tree.Call, known: Signature) -> tree.Call:
    names = {argument.name.text for argument in call.arguments if argument.name}
    added = (
        tree.Argument(tree.Name(field.name), _written(field, field.default))
        for field in known
        if field.name not in names and field.default is not None
    )
    sizes = {f.name: f for f in known if f.size is not None}
    given = (
        replace(a, value=_sized(sizes[a.name.text], a.value))
        if a.name and a.name.text in sizes
        else a
        for a in call.arguments
    )
    return replace(call, arguments=(*given, *added))


def _sized(field: Field, value: tree.Value) -> tree.Value:
    """A search that was written without its size, with it."""
    if not isinstance(value, tree.Name) or f"{value}(n)" not in field.choices:
        return value
    return tree.Call(value, (tree.Argument(None, tree.Number(str(field.size))),))


def _written(field: Field, value: Argument | None) -> tree.Value:
    match value:
        case float() if field.kind == "share":
            return tree.Number(f"{value * 100:g}", percent=True)
        case int() | float():
            return tree.Number(str(value))
        case _:
            return tree.Name(str(value))


# --- the canonical form ----------------------------------------------------------------------

_KINDS = (
    tree.Model,
    tree.Task,
    tree.Policy,
    tree.Keep,
    tree.Role,
    tree.Edge,
    tree.Claim,
    tree.Waive,
    tree.Words,
    tree.Prompt,
    tree.Data,
    tree.Generate,
    tree.Corrupt,
    tree.PositionRule,
    tree.Metric,
    tree.Setting,
)


def canonical(file: tree.File) -> str:
    """One text for all files that mean the same: explicit, sorted, without prose."""
    return print_file(canonical_tree(file))


def canonical_tree(file: tree.File) -> tree.File:
    """The tree of that text, each statement with the span that it has in the file."""
    return _sorted(explicit(file))


def digest(file: tree.File) -> str:
    """SHA-256 of the canonical form, in hexadecimal: the content address of the hypothesis."""
    return hashlib.sha256(canonical(file).encode()).hexdigest()


def _sorted(file: tree.File) -> tree.File:
    if file.circuit is None:
        return file
    kept = (s for s in file.circuit.statements if not isinstance(s, tree.Doc | tree.Cite))
    statements = sorted((_ordered(statement) for statement in kept), key=_rank)
    return replace(file, circuit=replace(file.circuit, statements=tuple(statements)))


def _ordered(statement: Any) -> Any:
    """The statement with those of its parts sorted whose order means nothing."""
    changes: dict[str, Any] = {}
    match statement:
        case tree.Role():
            changes["at"] = _by_name(statement.at)
            changes["attending"] = _by_name(statement.attending)
            changes["members"] = tuple(sorted(statement.members, key=_member_rank))
        case tree.Edge():
            changes["ports"] = _by_name(statement.ports)
        case tree.Model() | tree.Policy():
            settings = (replace(s, value=_value(s.value)) for s in statement.settings)
            changes["settings"] = tuple(sorted(settings, key=_rank))
        case tree.Task():
            parts = (_ordered_in_task(s) for s in statement.statements)
            changes["statements"] = tuple(sorted(parts, key=_rank))
        case tree.Claim():
            changes["measure"] = _value(statement.measure)
            changes["quantity"] = _value(statement.quantity)
            changes["tolerance"] = _value(statement.tolerance)
        case tree.Waive():
            changes["because"] = tree.Text("")
    return replace(statement, **changes)


def _ordered_in_task(statement: tree.TaskStatement) -> tree.TaskStatement:
    """`swap` alone minds the order of its slots: each takes the next one's word."""
    match statement:
        case tree.Corrupt() if statement.action.text != "swap":
            return replace(statement, slots=_by_name(statement.slots))
        case tree.Metric() | tree.Generate():
            return replace(statement, call=_value(statement.call))
        case tree.Setting():
            return replace(statement, value=_value(statement.value))
        case _:
            return statement


def _by_name(names: Iterable[tree.Name]) -> tuple[tree.Name, ...]:
    return tuple(sorted(names, key=lambda name: name.text))


def _value(value: Any) -> Any:
    """A value with named arguments in order and numbers in their shortest form."""
    match value:
        case tree.Call():
            arguments = (replace(a, value=_value(a.value)) for a in value.arguments)
            return replace(value, arguments=tuple(sorted(arguments, key=_rank)))
        case tree.Number():
            return replace(value, literal=shortest(value.literal))
        case _:
            return value


def shortest(literal: str) -> str:
    """``0.50`` and ``.5`` are the number ``0.5``; ``+80`` is ``80``."""
    sign = "-" if literal.startswith("-") else ""
    whole, _, fraction = literal.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    shown = f"{whole}.{fraction}" if fraction else whole
    return shown if shown == "0" else sign + shown


def _member_rank(member: tree.Member) -> tuple[object, ...]:
    node = parse_node(member.node.text)
    return (node is None, node or (), member.node.text)


def _rank(record: object) -> tuple[int, str]:
    """By kind, in the order in which a file is read, then by content: spans are in no `repr`."""
    return (next((i for i, kind in enumerate(_KINDS) if isinstance(record, kind)), 0), repr(record))

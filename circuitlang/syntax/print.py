"""Syntax tree to text, in the style of `circuitlang fmt`. ``parse(print_file(t)) == t``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from circuitlang.syntax import tree

_INDENT = "  "


def print_file(file: tree.File) -> str:
    """The text of a tree.

    One statement a line, two spaces a level, a blank line around blocks and between statements of
    different kinds. Raises ValueError for a text that has no spelling: one with a carriage return.
    """
    parts = []
    if file.edition is not None:
        parts.append(f"edition {_number(file.edition)}\n")
    if file.circuit is not None:
        parts.append("\n".join(_circuit(file.circuit)) + "\n")
    return "\n".join(parts)


def _circuit(circuit: tree.Circuit) -> Iterator[str]:
    inside: list[str] = []
    for before, statement in pairwise((None, *circuit.statements)):
        if before is not None and statement is not None and _apart(before, statement):
            inside.append("")
        if statement is not None:
            inside += _statement(statement)
    yield from _block(f"circuit {circuit.name}", inside)


def _apart(before: tree.Statement, after: tree.Statement) -> bool:
    """Whether a blank line stands between two statements."""
    prose = (tree.Doc, tree.Cite)
    if isinstance(before, prose) and isinstance(after, prose):
        return False
    return type(before) is not type(after) or _is_block(before) or _is_block(after)


def _is_block(statement: tree.Statement) -> bool:
    match statement:
        case tree.Model():
            return bool(statement.settings)
        case tree.Task() | tree.Policy() | tree.Role():
            return True
        case _:
            return False


def _block(head: str, inside: Iterable[str]) -> Iterator[str]:
    lines = list(inside)
    if not lines:
        yield head + " {}"
        return
    yield head + " {"
    for line in lines:
        yield _INDENT + line if line else ""
    yield "}"


def _statement(statement: tree.Statement) -> Iterator[str]:
    match statement:
        case tree.Doc(text):
            yield f"doc {_text(text)}"
        case tree.Cite(text):
            yield f"cite {_text(text)}"
        case tree.Model(source, settings):
            head = f"model {_text(source)}"
            if settings:
                yield from _block(head, map(_setting, settings))
            else:
                yield head
        case tree.Task(statements):
            yield from _block("task", map(_task_statement, statements))
        case tree.Policy(settings):
            yield from _block("policy", map(_setting, settings))
        case tree.Keep(what):
            yield f"keep {what}"
        case tree.Role():
            yield from _role(statement)
        case tree.Edge(source, target, ports, status):
            via = f" via {_names(ports)}" if ports else ""
            yield f"edge {source} -> {target}{via}{_status(status)}"
        case tree.Claim():
            yield _claim(statement)
        case tree.Waive(claim, until, because):
            yield f"waive {claim} until {_text(until)} because {_text(because)}"


def _task_statement(statement: tree.TaskStatement) -> str:  # noqa: PLR0911 - one a statement
    match statement:
        case tree.Words(name, path, sha256):
            return f"words {name} from {_text(path)}{_digest(sha256)}"
        case tree.Prompt(name, template):
            return f"prompt {name} {_text(template)}"
        case tree.Data(path, sha256):
            return f"data {_text(path)}{_digest(sha256)}"
        case tree.Generate(call):
            return f"generate {print_value(call)}"
        case tree.Corrupt(name, action, slots, word):
            tail = f" {_names(slots)}" if slots else ""
            return f"corrupt {name} {action}{tail}" + (f" {_text(word)}" if word else "")
        case tree.PositionRule(name, rule, anchor):
            return f"position {name} {rule}" + (f" {anchor}" if anchor else "")
        case tree.Metric(call, at):
            return f"metric {print_value(call)} at {at}"
        case tree.Setting():
            return _setting(statement)


def _role(role: tree.Role) -> Iterator[str]:
    attending = f" attending {_names(role.attending)}" if role.attending else ""
    members = (f"{m.kind} {m.node}{_status(m.status)}" for m in role.members)
    yield from _block(f"role {role.name} at {_names(role.at)}{attending}", members)


def _claim(claim: tree.Claim) -> str:
    tolerance = f" +- {_number(claim.tolerance)}" if claim.tolerance else ""
    severity = f" else {claim.severity}" if claim.severity else ""
    bound = f"{claim.comparator} {_number(claim.quantity)}"
    return f"claim {claim.name}: {print_value(claim.measure)} {bound}{tolerance}{severity}"


# --- pieces ----------------------------------------------------------------------------------


def _setting(setting: tree.Setting) -> str:
    return f"{setting.key} = {print_value(setting.value)}"


def print_value(value: tree.Value) -> str:
    """One value as it is written behind `=` or in brackets."""
    match value:
        case tree.Name(text):
            return text
        case tree.Text():
            return _text(value)
        case tree.Number():
            return _number(value)
        case tree.Call(name, arguments):
            return f"{name}({', '.join(map(_argument, arguments))})"


def _argument(argument: tree.Argument) -> str:
    key = f"{argument.name}=" if argument.name else ""
    return key + print_value(argument.value)


def _number(number: tree.Number) -> str:
    return number.literal + ("%" if number.percent else "")


def _text(text: tree.Text) -> str:
    if "\r" in text.value:
        raise ValueError("a text with a carriage return cannot be written in a `.circuit` file")
    escaped = text.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _names(names: Iterable[tree.Name]) -> str:
    return ", ".join(map(str, names))


def _status(status: tree.Name | None) -> str:
    return f" status {status}" if status else ""


def _digest(sha256: tree.Text | None) -> str:
    return f" sha256 {_text(sha256)}" if sha256 else ""

"""A file as single facts: one path and one value each, order and prose left behind.

Two files have the same facts exactly if they have the same canonical form, the same `doc` and
`cite`, and the same reasons for their waivers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from circuitlang.check.canonical import canonical_tree
from circuitlang.syntax import tree
from circuitlang.syntax.print import print_value
from circuitlang.syntax.source import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` as it would be written; empty where the path says all."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


Facts = Mapping[str, Fact]


def facts(file: tree.File) -> Facts:
    """Every fact of a file that has been checked, by path; spans point into the file."""
    if file.circuit is None:
        return {}
    found: dict[str, Fact] = {"name": Fact(file.circuit.name.text, file.circuit.name.span)}
    if file.edition is not None:
        found["edition"] = Fact(file.edition.literal, file.edition.span)
    for statement in file.circuit.statements:
        found.update(_prose(statement))
    canonical = canonical_tree(file)
    for statement in canonical.circuit.statements if canonical.circuit else ():
        found.update(_statement(statement))
    return found


def _prose(statement: tree.Statement) -> Iterator[tuple[str, Fact]]:
    """What the canonical form leaves out."""
    match statement:
        case tree.Doc(text):
            yield "doc", Fact(text.value, statement.span)
        case tree.Cite(text):
            yield f"cite/{text.value}", Fact("", statement.span)
        case tree.Waive(claim, _, because):
            yield f"waiver/{claim}/because", Fact(because.value, because.span)


def _statement(statement: tree.Statement) -> Iterator[tuple[str, Fact]]:
    match statement:
        case tree.Model(source, settings):
            yield "model/source", Fact(source.value, source.span)
            yield from _settings("model", settings)
        case tree.Policy(settings):
            yield from _settings("policy", settings)
        case tree.Task(statements):
            for one in statements:
                yield from _task(one)
        case tree.Keep(what):
            yield f"keep/{what}", Fact("", statement.span)
        case tree.Role():
            yield from _role(statement)
        case tree.Edge(source, target, ports, status):
            value = Fact(status.text if status else "", statement.span)
            for tail in (f"<{port}>" for port in ports) if ports else ("",):
                yield f"edge/{source}->{target}{tail}", value
        case tree.Claim():
            yield from _claim(statement)
        case tree.Waive(claim, until, _):
            yield f"waiver/{claim}/until", Fact(until.value, until.span)


def _settings(owner: str, settings: tuple[tree.Setting, ...]) -> Iterator[tuple[str, Fact]]:
    for setting in settings:
        # A setting that the file leaves to its default stands nowhere in it.
        yield f"{owner}/{setting.key}", Fact(_plain(setting.value), setting.span)


def _plain(value: tree.Value) -> str:
    return value.value if isinstance(value, tree.Text) else print_value(value)


def _task(statement: tree.TaskStatement) -> Iterator[tuple[str, Fact]]:
    span = statement.span
    match statement:
        case tree.Words(name, path, sha256):
            yield f"task/words/{name}/path", Fact(path.value, path.span)
            if sha256 is not None:
                yield f"task/words/{name}/sha256", Fact(sha256.value.lower(), sha256.span)
        case tree.Prompt(name, template):
            yield f"task/prompt/{name}", Fact(template.value, span)
        case tree.Data(path, sha256):
            yield "task/data/path", Fact(path.value, path.span)
            if sha256 is not None:
                yield "task/data/sha256", Fact(sha256.value.lower(), sha256.span)
        case tree.Generate(call):
            yield "task/generate", Fact(print_value(call), span)
        case tree.Corrupt(name, action, slots, word):
            taken = f" {', '.join(map(str, slots))}" if slots else ""
            put = f" {print_value(word)}" if word else ""
            yield f"task/corrupt/{name}", Fact(f"{action}{taken}{put}", span)
        case tree.PositionRule(name, rule, anchor):
            yield f"task/position/{name}", Fact(f"{rule} {anchor}" if anchor else rule.text, span)
        case tree.Metric(call, at):
            yield "task/metric", Fact(f"{print_value(call)} at {at}", span)
        case tree.Setting(key, value):
            yield f"task/{key}", Fact(_plain(value), span)


def _role(role: tree.Role) -> Iterator[tuple[str, Fact]]:
    path = f"role/{role.name}"
    yield f"{path}/at", Fact(", ".join(map(str, role.at)), role.name.span)
    if role.attending:
        yield f"{path}/attending", Fact(", ".join(map(str, role.attending)), role.name.span)
    for member in role.members:
        status = member.status.text if member.status else ""
        yield f"{path}/{member.kind}/{member.node}", Fact(status, member.node.span)


def _claim(claim: tree.Claim) -> Iterator[tuple[str, Fact]]:
    path = f"claim/{claim.name}"
    yield f"{path}/measure", Fact(print_value(claim.measure), claim.measure.span)
    yield f"{path}/comparator", Fact(claim.comparator.text, claim.comparator.span)
    yield f"{path}/threshold", Fact(print_value(claim.quantity), claim.quantity.span)
    if claim.tolerance is not None:
        yield f"{path}/tolerance", Fact(print_value(claim.tolerance), claim.tolerance.span)
    severity = claim.severity or tree.Name("error", claim.name.span)
    yield f"{path}/severity", Fact(severity.text, severity.span)

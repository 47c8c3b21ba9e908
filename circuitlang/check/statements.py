"""Which statements a circuit has: those that may stand once, those that must."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from circuitlang.check.checked import Checked
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Span

S = TypeVar("S")


@dataclass(frozen=True)
class Statements:
    """A circuit's statements by kind, each kind in the author's order."""

    model: tree.Model | None
    task: tree.Task | None
    policy: tree.Policy | None
    keep: tree.Keep | None
    doc: tree.Doc | None
    cites: tuple[tree.Cite, ...]
    roles: tuple[tree.Role, ...]
    edges: tuple[tree.Edge, ...]
    claims: tuple[tree.Claim, ...]
    waivers: tuple[tree.Waive, ...]


def of_kind(kind: type[S], statements: Iterable[object]) -> tuple[S, ...]:
    return tuple(statement for statement in statements if isinstance(statement, kind))


def keyword_span(span: Span, keyword: str) -> Span:
    """The keyword that a statement begins with."""
    return Span(span.start, min(span.end, span.start + len(keyword)))


class _Spanned(Protocol):
    @property
    def span(self) -> Span: ...


P = TypeVar("P", bound=_Spanned)


def once(keyword: str, found: Sequence[P]) -> Checked[P | None]:
    """The first of them; a finding for each further one."""
    for extra in found[1:]:
        yield Diagnostic(
            "duplicate-statement",
            f"a second `{keyword}`, where one is allowed",
            keyword_span(extra.span, keyword),
            secondary=(Label(keyword_span(found[0].span, keyword), "the first one"),),
        )
    return found[0] if found else None


def sort_statements(circuit: tree.Circuit) -> Checked[Statements]:
    """The statements by kind; reports repeated ones, and a missing model, task or policy."""
    body = circuit.statements
    model = yield from once("model", of_kind(tree.Model, body))
    task = yield from once("task", of_kind(tree.Task, body))
    policy = yield from once("policy", of_kind(tree.Policy, body))
    keep = yield from once("keep", of_kind(tree.Keep, body))
    doc = yield from once("doc", of_kind(tree.Doc, body))
    for keyword, statement, example in (
        ("model", model, 'model "hf:openai-community/gpt2"'),
        ("task", task, "task { ... }"),
        ("policy", policy, "policy { ablation = zero }"),
    ):
        if statement is None:
            yield Diagnostic(
                "missing-statement",
                f"circuit `{circuit.name}` has no `{keyword}`",
                circuit.name.span,
                help=f"add `{example}`",
            )
    return Statements(
        model,
        task,
        policy,
        keep,
        doc,
        of_kind(tree.Cite, body),
        of_kind(tree.Role, body),
        of_kind(tree.Edge, body),
        of_kind(tree.Claim, body),
        of_kind(tree.Waive, body),
    )

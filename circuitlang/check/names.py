"""Rules that hold for every declared name."""

from __future__ import annotations

from collections.abc import Iterable

from circuitlang.check.checked import Checked
from circuitlang.circuit.names import parse_node
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Span


def unique(what: str, names: Iterable[tree.Name]) -> Checked[None]:
    """Names are identity: each may be declared once."""
    first: dict[str, Span] = {}
    for name in names:
        if name.text in first:
            yield Diagnostic(
                "duplicate-name",
                f"{what} `{name}` is declared twice",
                name.span,
                secondary=(Label(first[name.text], "first declared here"),),
            )
        first.setdefault(name.text, name.span)


def not_reserved(what: str, name: tree.Name) -> Checked[None]:
    """`input`, `logits` and `any` have a meaning of their own where this name would be used."""
    if name.text == "any" or parse_node(name.text) is not None:
        yield Diagnostic(
            "reserved-name",
            f"`{name}` has a meaning of its own and cannot name a {what}",
            name.span,
            help=f"write `{name}_{what}`",
        )

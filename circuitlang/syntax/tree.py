"""The syntax tree: frozen records that mirror the text, each with the span it came from.

Spans do not take part in equality, so ``parse(print(tree)) == tree`` can be asked literally.
Order of statements is the author's; `circuitlang.check.canonical` sorts it away.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from circuitlang.syntax.source import NOWHERE, Span


def _span() -> Span:
    return field(default=NOWHERE, compare=False, repr=False)


# --- words -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word: role, claim, position, node (`a9.h6`), setting, keyword argument, ..."""

    text: str
    span: Span = _span()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string; ``value`` is unescaped."""

    value: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. ``literal`` keeps the author's digits, without the ``%``."""

    literal: str
    percent: bool = False
    span: Span = _span()

    @property
    def value(self) -> float:
        """The number itself; ``80%`` is 0.8."""
        return float(self.literal) / 100 if self.percent else float(self.literal)


@dataclass(frozen=True, slots=True)
class Argument:
    """``name=value`` or, with ``name`` None, a bare value."""

    name: Name | None
    value: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """``mean(corrupt=abc, by=prompt)``. A bare name is a `Name`, not a `Call` of no arguments."""

    name: Name
    arguments: tuple[Argument, ...] = ()
    span: Span = _span()


Value = Name | Text | Number | Call


@dataclass(frozen=True, slots=True)
class Setting:
    """``key = value``."""

    key: Name
    value: Value
    span: Span = _span()


# --- task ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """``words name from "words/names.txt" sha256 "..."``."""

    name: Name
    path: Text
    sha256: Text | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Prompt:
    """``prompt abba "Then, {IO:name} and ..."``; the template's slots are parsed by the checker."""

    name: Name
    template: Text
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Data:
    """``data "ioi.jsonl" sha256 "..."``."""

    path: Text
    sha256: Text | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Generate:
    """``generate repeated_tokens(length=50, copies=2)``."""

    call: Call
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Corrupt:
    """``corrupt NAME resample A, B`` | ``swap A, B`` | ``set A "word"`` | ``given``."""

    name: Name
    action: Name
    slots: tuple[Name, ...] = ()
    word: Text | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class PositionRule:
    """``position END last`` | ``first`` | ``after X`` | ``before X`` | ``given``."""

    name: Name
    rule: Name
    anchor: Name | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Metric:
    """``metric logit_diff(answer=IO, against=S1) at END``."""

    call: Call
    at: Name
    span: Span = _span()


TaskStatement = Words | Prompt | Data | Generate | Corrupt | PositionRule | Metric | Setting


# --- statements of a circuit -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doc:
    text: Text
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Cite:
    text: Text
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Model:
    """``model "hf:org/name" { revision = "..." }``; the braces may be left out."""

    source: Text
    settings: tuple[Setting, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Task:
    statements: tuple[TaskStatement, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Policy:
    settings: tuple[Setting, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Keep:
    """``keep mlps``."""

    what: Name
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Member:
    """``head a9.h6 status disputed`` or ``mlp m3``; ``kind`` is the keyword."""

    kind: Name
    node: Name
    status: Name | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Role:
    """``role R at X attending Y, Z { ... }``. The word ``any`` is kept as a `Name`."""

    name: Name
    at: tuple[Name, ...]
    attending: tuple[Name, ...] = ()
    members: tuple[Member, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Edge:
    """``edge A -> R via k, v status disputed``; an end is a role, a node, `input` or `logits`."""

    source: Name
    target: Name
    ports: tuple[Name, ...] = ()
    status: Name | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Claim:
    """``claim NAME: measure(args) >= 80% +- 5% else warn``."""

    name: Name
    measure: Call
    comparator: Name
    quantity: Number
    tolerance: Number | None = None
    severity: Name | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Waive:
    """``waive CLAIM until "2027-01-31" because "..."``."""

    claim: Name
    until: Text
    because: Text
    span: Span = _span()


Statement = Doc | Cite | Model | Task | Policy | Keep | Role | Edge | Claim | Waive


@dataclass(frozen=True, slots=True)
class Circuit:
    name: Name
    statements: tuple[Statement, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. ``edition`` or ``circuit`` is None where recovery found none."""

    edition: Number | None
    circuit: Circuit | None
    span: Span = _span()

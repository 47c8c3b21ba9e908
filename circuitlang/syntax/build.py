"""What each rule of the grammar becomes: the callbacks that build the syntax tree while parsing.

Keywords and punctuation arrive too (the parser keeps all tokens), so that a record's span runs
from its first token to its last.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from lark import Token, Transformer, v_args

from circuitlang.syntax import tree
from circuitlang.syntax.source import Span

_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n"}

Part = Any  # a token, a record of the tree, a group of them, or None for an optional part left out
T = TypeVar("T")


def _of(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


def _span(first: Token, *rest: Part) -> Span:
    """From the first token to the last part that is there."""
    end = _of(first).end
    for part in rest:
        match part:
            case None:
                continue
            case Token():
                end = _of(part).end
            case tuple():
                end = part[-1].span.end
            case _:
                end = part.span.end
    return Span(_of(first).start, end)


def _name(token: Token) -> tree.Name:
    return tree.Name(str(token.value), _of(token))


def _text(token: Token) -> tree.Text:
    inner = str(token.value)[1:-1]
    value = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), inner)
    return tree.Text(value, _of(token))


def _value(part: Part) -> tree.Value:
    match part:
        case Token(type="STRING"):
            return _text(part)
        case Token():
            return _name(part)
        case tree.Number() | tree.Call():
            return part
    raise AssertionError(part)


def _only(kind: type[T], parts: list[Part]) -> tuple[T, ...]:
    return tuple(part for part in parts if isinstance(part, kind))


def _sound(statement: object) -> bool:
    """Recovery opens a block whose head it could not read with a head of empty tokens."""
    match statement:
        case tree.Role(name=head) | tree.Model(source=head):
            return head.span.start < head.span.end
        case _:
            return True


@v_args(inline=True)
class Builder(Transformer[Token, tree.File]):
    """One method a rule."""

    def start(self, edition: tree.Number, circuit: tree.Circuit) -> tree.File:
        return tree.File(edition, circuit, edition.span.to(circuit.span))

    def edition(self, word: Token, number: Token) -> tree.Number:
        return tree.Number(str(number.value), span=_of(number))

    def circuit(self, word: Token, name: Token, opening: Token, *parts: Part) -> tree.Circuit:
        statements = tuple(p for p in parts if not isinstance(p, Token) and _sound(p))
        return tree.Circuit(_name(name), statements, _span(word, parts[-1]))

    def doc(self, word: Token, text: Token) -> tree.Doc:
        return tree.Doc(_text(text), _span(word, text))

    def cite(self, word: Token, text: Token) -> tree.Cite:
        return tree.Cite(_text(text), _span(word, text))

    # --- how to measure ----------------------------------------------------------------------

    def model(self, word: Token, source: Token, block: list[Part] | None) -> tree.Model:
        parts = block or []
        span = _span(word, source, *parts[-1:])
        return tree.Model(_text(source), _only(tree.Setting, parts), span)

    def settings(self, *parts: Part) -> list[Part]:
        return list(parts)

    def policy(self, word: Token, *parts: Part) -> tree.Policy:
        return tree.Policy(_only(tree.Setting, [*parts]), _span(word, parts[-1]))

    def setting(self, key: Token, equal: Token, value: Part) -> tree.Setting:
        return tree.Setting(_name(key), _value(value), _span(key, value))

    def task(self, word: Token, *parts: Part) -> tree.Task:
        statements = tuple(part for part in parts if not isinstance(part, Token))
        return tree.Task(statements, _span(word, parts[-1]))

    def words(
        self, word: Token, name: Token, preposition: Token, path: Token, sha256: tree.Text | None
    ) -> tree.Words:
        return tree.Words(_name(name), _text(path), sha256, _span(word, path, sha256))

    def prompt(self, word: Token, name: Token, template: Token) -> tree.Prompt:
        return tree.Prompt(_name(name), _text(template), _span(word, template))

    def data(self, word: Token, path: Token, sha256: tree.Text | None) -> tree.Data:
        return tree.Data(_text(path), sha256, _span(word, path, sha256))

    def sha256(self, word: Token, digest: Token) -> tree.Text:
        return _text(digest)

    def generate(self, word: Token, call: tree.Call) -> tree.Generate:
        return tree.Generate(call, _span(word, call))

    def metric(self, word: Token, call: tree.Call, at: Token, position: Token) -> tree.Metric:
        return tree.Metric(call, _name(position), _span(word, position))

    def corrupt_slots(
        self, word: Token, name: Token, action: Token, slots: tuple[tree.Name, ...]
    ) -> tree.Corrupt:
        return tree.Corrupt(_name(name), _name(action), slots, span=_span(word, slots))

    def corrupt_set(
        self, word: Token, name: Token, action: Token, slot: Token, text: Token
    ) -> tree.Corrupt:
        span = _span(word, text)
        return tree.Corrupt(_name(name), _name(action), (_name(slot),), _text(text), span)

    def corrupt_given(self, word: Token, name: Token, action: Token) -> tree.Corrupt:
        return tree.Corrupt(_name(name), _name(action), span=_span(word, action))

    def position(
        self, word: Token, name: Token, rule: Token, anchor: Token | None = None
    ) -> tree.PositionRule:
        after = None if anchor is None else _name(anchor)
        return tree.PositionRule(_name(name), _name(rule), after, _span(word, rule, anchor))

    # --- structure ---------------------------------------------------------------------------

    def keep(self, word: Token, what: Token) -> tree.Keep:
        return tree.Keep(_name(what), _span(word, what))

    def role(
        self,
        word: Token,
        name: Token,
        at: Token,
        places: tuple[tree.Name, ...],
        attending: tuple[tree.Name, ...] | None,
        *parts: Part,
    ) -> tree.Role:
        members = _only(tree.Member, [*parts])
        return tree.Role(_name(name), places, attending or (), members, _span(word, parts[-1]))

    def attending(self, word: Token, places: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
        return places

    def member(self, kind: Token, node: Token, status: tree.Name | None) -> tree.Member:
        return tree.Member(_name(kind), _name(node), status, _span(kind, node, status))

    def status(self, word: Token, status: Token) -> tree.Name:
        return _name(status)

    def edge(
        self,
        word: Token,
        source: Token,
        arrow: Token,
        target: Token,
        ports: tuple[tree.Name, ...] | None,
        status: tree.Name | None,
    ) -> tree.Edge:
        span = _span(word, target, ports, status)
        return tree.Edge(_name(source), _name(target), ports or (), status, span)

    def via(self, word: Token, *ports: Token) -> tuple[tree.Name, ...]:
        return self.positions(*ports)

    def places(self, *positions: Token) -> tuple[tree.Name, ...]:
        return self.positions(*positions)

    def positions(self, *positions: Token) -> tuple[tree.Name, ...]:
        return tuple(_name(token) for token in positions if token.type != "COMMA")

    # --- what must hold ----------------------------------------------------------------------

    def claim(
        self,
        word: Token,
        name: Token,
        colon: Token,
        measure: tree.Call,
        comparator: Token,
        quantity: tree.Number,
        tolerance: tree.Number | None,
        severity: tree.Name | None,
    ) -> tree.Claim:
        return tree.Claim(
            _name(name),
            measure,
            _name(comparator),
            quantity,
            tolerance,
            severity,
            _span(word, quantity, tolerance, severity),
        )

    def tolerance(self, sign: Token, number: tree.Number) -> tree.Number:
        return number

    def severity(self, word: Token, severity: Token) -> tree.Name:
        return _name(severity)

    def waive(
        self, word: Token, claim: Token, until: Token, date: Token, because: Token, reason: Token
    ) -> tree.Waive:
        return tree.Waive(_name(claim), _text(date), _text(reason), _span(word, reason))

    # --- values ------------------------------------------------------------------------------

    def call(self, name: Token, opening: Token, *parts: Part) -> tree.Call:
        return tree.Call(_name(name), _only(tree.Argument, [*parts]), _span(name, parts[-1]))

    def argument(self, name: Token | None, equal: Token | None, value: Part) -> tree.Argument:
        key = None if name is None else _name(name)
        held = _value(value)
        return tree.Argument(key, held, held.span if key is None else key.span.to(held.span))

    def number(self, digits: Token, percent: Token | None = None) -> tree.Number:
        return tree.Number(str(digits.value), percent is not None, _span(digits, percent))

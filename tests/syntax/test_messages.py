"""No state of the parser is without a sentence, and no sentence speaks of the grammar."""

from __future__ import annotations

import re

import pytest

from circuitlang.syntax.grammar import parser
from circuitlang.syntax.machine import END, Machine
from circuitlang.syntax.messages import MESSAGES, State, message_for, state, state_after
from circuitlang.syntax.parse import parse, parse_tokens
from circuitlang.syntax.source import Source
from tests.syntax.examples import GENERATED, IOI

TERMINALS = sorted(terminal.name for terminal in parser().terminals)
WRONG_WORDS = (
    *("foo", "END", "a1.h2", "m3", "9.6", '"x"', "{", "}", "(", ")", ",", ":", "=", "->", "+-"),
    *(">=", "%", "head", "role", "circuit", "edition", "use", "$", '"open', "any", "\n", ""),
)


def states_met(text: str) -> set[State]:
    """Each state in which some wrong token would be noticed, along a sound text."""
    machine, met = Machine(text), set()
    token = machine.next()
    while True:
        accepts, stacks = machine.accepts(), machine.snapshot()
        for wrong in (END, *TERMINALS):
            if wrong not in accepts and machine.looks_up(wrong):
                machine.feed(machine.token(wrong, "", 0, 0))  # reduces, then fails
                met.add(state(machine.word(), machine.last(), machine.accepts()))
                machine.restore(stacks)
                stacks = machine.snapshot()
        met.add(state(machine.word(), machine.last(), accepts))
        if token.type == END:
            return met
        machine.back_to(token.start_pos or 0)
        assert machine.feed(machine.next())
        token = machine.next()


@pytest.mark.parametrize("text", [IOI, GENERATED])
def test_every_state_has_a_message(text: str) -> None:
    assert {met for met in states_met(text) if message_for(*met) is None} == set()


def test_no_two_messages_claim_one_state() -> None:
    claimed = [state_after(sentence) for message in MESSAGES for sentence in message.after]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("text", [IOI, GENERATED])
def test_any_wrong_word_anywhere_gives_readable_messages(text: str) -> None:
    tokens = parse_tokens(Source(text)).tokens
    unreadable = re.compile(r"\b[A-Z]+_WORD\b|__ANON|LBRACE|RBRACE|RPAR|LPAR|\$END|INVALID")
    for index, token in enumerate(tokens):
        for word in WRONG_WORDS[index % 3 :: 3]:
            source = Source(f"{text[: token.start_pos]}{word} {text[token.end_pos :]}")
            for found in parse(source)[1]:
                said = f"{found.message} {found.help} {found.label}"
                assert not unreadable.search(said), said
                assert found.message[0] == "`" or not found.message[0].isupper()
                assert not found.message.endswith(".")
                assert 0 <= found.span.start <= found.span.end <= len(source.text)

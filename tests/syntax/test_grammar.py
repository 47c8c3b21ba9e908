"""The grammar itself."""

from __future__ import annotations

import pytest

from circuitlang.syntax import grammar
from circuitlang.syntax.grammar import STARTERS
from circuitlang.syntax.machine import Machine

HEADS = {
    "circuit": "edition 1 circuit c {",
    "task": "edition 1 circuit c { task {",
    "role": "edition 1 circuit c { role r at END {",
    "model": 'edition 1 circuit c { model "x" {',
    "policy": "edition 1 circuit c { policy {",
}


def kinds_after(text: str) -> frozenset[str]:
    machine = Machine(text)
    while machine.feed(token := machine.next()):
        pass
    assert token.type == "$END"
    return machine.accepts()


def test_the_grammar_has_no_conflict_and_no_two_words_look_alike() -> None:
    grammar.build(strict=True)


@pytest.mark.parametrize("block", HEADS)
def test_the_keywords_of_a_block_are_those_of_the_grammar(block: str) -> None:
    kinds = kinds_after(HEADS[block]) - {"RBRACE", "NAME"}
    words = {kind.removesuffix("_WORD").lower() for kind in kinds}
    assert words == set(grammar.STATEMENTS[block])
    assert kinds <= STARTERS


def test_no_reserved_word_is_a_keyword() -> None:
    terminals = {terminal.pattern.value for terminal in grammar.parser().terminals}
    assert not grammar.RESERVED & terminals


def test_the_parser_is_built_once() -> None:
    assert grammar.parser() is grammar.parser()

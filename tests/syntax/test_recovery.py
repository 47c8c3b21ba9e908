"""One mistake, one diagnostic, and everything around it is kept."""

from __future__ import annotations

import pytest

from circuitlang.syntax import tree
from circuitlang.syntax.parse import parse_tokens
from circuitlang.syntax.source import Source
from tests.syntax.examples import GENERATED, IOI, codes, inside, only, parsed

WRONG = {
    "claim behaves:": "claim behaves",
    "via k, v": "via k v",
    "position END last": "position END lst",
    "head a9.h6\n": "head 9.6\n",
    "role name_mover": "rol name_mover",
    "examples = 512": "examples 512",
}


def test_each_of_many_mistakes_is_reported() -> None:
    text = IOI
    for right, wrong in WRONG.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    _, found = parsed(text)
    assert len(found) == len(WRONG)


@pytest.mark.parametrize("right", WRONG)
def test_a_mistake_costs_at_most_its_own_statement(right: str) -> None:
    sound, _ = parsed(IOI)
    damaged, found = parsed(IOI.replace(right, WRONG[right]))
    assert len(found) == 1
    assert sound.circuit is not None
    assert damaged.circuit is not None
    kept = set(damaged.circuit.statements)
    assert len(set(sound.circuit.statements) - kept) <= 1


def damaged_texts() -> list[str]:
    """Both examples with one word left out, each in turn."""
    texts = []
    for text in (IOI, GENERATED):
        for token in parse_tokens(Source(text)).tokens:
            texts.append(text[: token.start_pos] + text[token.end_pos :])
    return texts


def test_a_missing_word_seldom_gives_more_than_one_diagnostic() -> None:
    counts = [len(parsed(text)[1]) for text in damaged_texts()]
    assert sum(count > 1 for count in counts) <= len(counts) // 50
    assert max(counts) <= 3


def test_a_wrong_head_of_a_block_does_not_hide_its_body() -> None:
    text = inside("role r at end attending IO {\nhead 9.6\nhead a1.h2\n}\nkeep mlps")
    assert codes(text) == ["invalid-position", "invalid-node"]


def test_a_missing_brace_is_blamed_on_the_opening_one() -> None:
    text = inside("role r at A {\n  head a1.h2\nrole s at A {\n  head a1.h3\n}")
    found = only(text)
    assert found.code == "unclosed-brace"
    assert Source(text).location(found.span.start) == (3, 13)
    circuit = parsed(text)[0].circuit
    assert circuit is not None
    assert [s.name.text for s in circuit.statements if isinstance(s, tree.Role)] == ["r", "s"]


def test_a_missing_brace_before_the_end_is_found_by_indentation() -> None:
    text = "edition 1\ncircuit c {\n  role r at A {\n    head a1.h2\n}\n"
    found = only(text)
    assert Source(text).location(found.span.start) == (3, 15)


def test_a_brace_too_many_is_blamed_itself() -> None:
    text = inside("  role r at A {\n  }\n  }\n  keep mlps")
    found = only(text)
    assert found.code == "unmatched-brace"
    assert Source(text).location(found.span.start)[0] == 5
    circuit = parsed(text)[0].circuit
    assert circuit is not None
    assert len(circuit.statements) == 2


def test_what_stood_before_a_brace_too_many_is_there_once() -> None:
    sound, _ = parsed(IOI)
    damaged, found = parsed(IOI.replace("  edge input", "  }\n  edge input"))
    assert [d.code for d in found] == ["unmatched-brace"]
    assert damaged == sound


def test_statements_without_a_circuit() -> None:
    assert codes("edition 1\nkeep mlps\nrole r at A {\n head 9.6\n}\n") == [
        "syntax-error",
        "invalid-node",
    ]


def test_a_misspelt_block_is_read_as_meant() -> None:
    text = inside("polcy {\n  examples = 3\n  seed 4\n}")
    assert codes(text) == ["unknown-keyword", "syntax-error"]


def test_an_unknown_block_is_skipped_whole() -> None:
    assert codes(inside("zzz {\n  head a1.h2\n  { } foo\n}\nkeep mlps")) == ["unknown-keyword"]


@pytest.mark.parametrize("text", ["", "# nothing", "edition", "edition 1", "}", "{", "circuit c {"])
def test_there_is_always_a_tree(text: str) -> None:
    file, found = parsed(text)
    assert isinstance(file, tree.File)
    assert found

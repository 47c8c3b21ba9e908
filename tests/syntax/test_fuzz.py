"""Any text at all gives a tree and diagnostics, never an exception."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.format import format_source
from circuitlang.syntax.grammar import grammar_text
from circuitlang.syntax.parse import parse, parse_tokens
from circuitlang.syntax.render import FORMATS, render
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import File
from tests.syntax.examples import GENERATED, IOI

# Look-aheads are no regular languages; without them Hypothesis can draw from the grammar.
DRAWABLE = Lark(grammar_text().replace(r"(?![\w.])", ""), parser="lalr")
WORDS = [str(t.value) for text in (IOI, GENERATED) for t in parse_tokens(Source(text)).tokens]


def survives(text: str) -> None:
    source = Source(text, "fuzz")
    file, found = parse(source)
    assert isinstance(file, File)
    assert found or (file.edition and file.circuit)
    assert all(0 <= d.span.start <= d.span.end <= len(text) for d in found)
    for name in FORMATS:
        said = render(Findings(source, found), name)
        assert not any(ord(char) < 32 and char != "\n" for char in said)
    formatted, problems = format_source(source)
    assert (formatted is None) == bool(found)
    assert problems == found


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_characters(text: str) -> None:
    survives(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "\n", "use", "$", '"', "9.6", "#"]), max_size=40))
def test_any_words(words: list[str]) -> None:
    survives("edition 1 circuit c {" + " ".join(words))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(from_lark(DRAWABLE))
def test_any_sentence_of_the_grammar_with_its_words_glued_together(text: str) -> None:
    survives(text)


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_a_sound_text_with_words_lost_doubled_and_exchanged(rng: random.Random, count: int) -> None:
    words = IOI.split(" ")
    for _ in range(count):
        where = rng.randrange(len(words))
        match rng.randrange(3):
            case 0:
                del words[where]
            case 1:
                words.insert(where, rng.choice(WORDS))
            case _:
                words[where] = rng.choice(WORDS)
    survives(" ".join(words))

"""Sound texts become trees."""

from __future__ import annotations

import pytest

from circuitlang.syntax import tree
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import Argument, Call, Name, Number, Text
from tests.syntax.examples import GENERATED, IOI, inside, parsed, sound


def first(statement: str) -> tree.Statement:
    return sound(inside(statement)).statements[0]


@pytest.mark.parametrize("text", [IOI, GENERATED])
def test_every_statement_is_in_the_tree(text: str) -> None:
    words = ("doc", "cite", "model", "task", "policy", "keep", "role", "edge", "claim", "waive")
    written = [line for line in text.splitlines() if line[2:].split(" ")[0] in words]
    assert len(sound(text).statements) == len(written)


def test_an_edge() -> None:
    assert first("edge a -> a1.h2 via k, v status disputed") == tree.Edge(
        Name("a"), Name("a1.h2"), (Name("k"), Name("v")), Name("disputed")
    )


def test_a_role() -> None:
    assert first("role r at A, S1+1 attending any { mlp m3 head a1.h2 }") == tree.Role(
        Name("r"),
        (Name("A"), Name("S1+1")),
        (Name("any"),),
        (
            tree.Member(Name("mlp"), Name("m3")),
            tree.Member(Name("head"), Name("a1.h2")),
        ),
    )


def test_a_claim() -> None:
    assert first("claim n: f(of=model, 3%) ~= 1.50 +- 5% else warn") == tree.Claim(
        Name("n"),
        Call(
            Name("f"),
            (Argument(Name("of"), Name("model")), Argument(None, Number("3", percent=True))),
        ),
        Name("~="),
        Number("1.50"),
        Number("5", percent=True),
        Name("warn"),
    )


def test_a_bare_name_is_no_call() -> None:
    assert first("policy { a = zero b = zero() }") == tree.Policy(
        (
            tree.Setting(Name("a"), Name("zero")),
            tree.Setting(Name("b"), Call(Name("zero"))),
        )
    )


@pytest.mark.parametrize("word", ["from", "to", "as", "at", "by", "of", "via", "role", "edition"])
def test_keywords_name_arguments_and_values(word: str) -> None:
    claim = first(f"claim n: f({word}={word}) >= 1")
    assert isinstance(claim, tree.Claim)
    assert claim.measure.arguments == (Argument(Name(word), Name(word)),)


@pytest.mark.parametrize(
    ("written", "value"),
    [(r'"a \"b\" \\ \n"', 'a "b" \\ \n'), ('""', ""), ('"# {no} comment"', "# {no} comment")],
)
def test_a_text_is_unescaped(written: str, value: str) -> None:
    assert first(f"doc {written}") == tree.Doc(Text(value))


@pytest.mark.parametrize(
    ("written", "value"), [("80%", 0.8), ("-20 %", -0.2), ("+1", 1.0), ("0.50", 0.5)]
)
def test_a_number(written: str, value: float) -> None:
    claim = first(f"claim n: f() >= {written}")
    assert isinstance(claim, tree.Claim)
    assert claim.quantity.value == pytest.approx(value)


def test_a_span_runs_from_the_keyword_to_the_last_word() -> None:
    source = Source(IOI)
    spans = [source.slice(statement.span) for statement in sound(IOI).statements]
    assert spans[0] == 'doc "Indirect object identification in GPT-2 small."'
    assert spans[2].startswith("model ")
    assert spans[2].endswith("float32\n  }")
    assert spans[-2].endswith("+- 0.05")


def test_line_endings_of_windows() -> None:
    assert parsed(IOI.replace("\n", "\r\n")) == parsed(IOI)

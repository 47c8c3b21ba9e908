"""Slips that people make, and what they are told."""

from __future__ import annotations

import pytest

from tests.syntax.examples import IOI, inside, only

SLIPS = [
    # what is written, code, the words pointed at, what the help says
    ("role r at A { head 9.6 }", "invalid-node", "9.6", "a9.h6"),
    ("role r at A { head 9.10 }", "invalid-node", "9.10", "a9.h10"),
    ("role r at A { head L9H6 }", "invalid-node", "L9H6", "a9.h6"),
    ("role r at A { head a9h6 }", "invalid-node", "a9h6", "a9.h6"),
    ("role r at A { head A9.H6 }", "invalid-node", "A9.H6", "a9.h6"),
    ("role r at A { head a09.h06 }", "invalid-node", "a09.h06", "a9.h6"),
    ("role r at A { head m3 }", "invalid-node", "m3", "`mlp m3`"),
    ("role r at A { mlp a1.h2 }", "invalid-node", "a1.h2", "`head a1.h2`"),
    ("role r at A { mlp 3 }", "invalid-node", "3", "m3"),
    ("role r at A { mlp L3 }", "invalid-node", "L3", "m3"),
    ("role r at A { a1.h2 }", "unknown-keyword", "a1.h2", "`head a1.h2`"),
    ("edge 9.6 -> logits", "invalid-node", "9.6", "a9.h6"),
    ("role r at end { }", "invalid-position", "end", "`END`"),
    ("role NameMover at A { }", "invalid-name", "NameMover", "namemover"),
    ("role name-mover at A { }", "unexpected-character", "-", None),
    ('role "r" at A { }', "invalid-name", '"r"', None),
    ("role m3 at A { }", "invalid-name", "m3", None),
    ("role edge at A { }", "reserved-word", "edge", "the_edge"),
    ("role group at A { }", "reserved-word", "group", "the_group"),
    ("group r { head a1.h2 }", "reserved-word", "group", None),
    ("extends x", "reserved-word", "extends", None),
    ("policy { use x }", "reserved-word", "use", None),
    ("policy { examples: 5 }", "syntax-error", ":", "`=`"),
    ("policy { examples == 5 }", "syntax-error", "=", None),
    ("claim n = f() >= 1", "syntax-error", "=", "`:`"),
    ("claim n: f() == 1", "unknown-comparator", "==", "~="),
    ("claim n: f() > 1", "unknown-comparator", ">", "`>=`"),
    ("claim n: f() < 1", "unknown-comparator", "<", "`<=`"),
    ("claim n: f() => 1", "unknown-comparator", "=>", "`>=`"),
    ("claim n: f() ≥ 1", "unknown-comparator", "≥", "`>=`"),
    ("claim n: f() >= 80 percent", "syntax-error", "percent", "`80%`"),
    ("claim n: f() >= .5", "invalid-number", ".5", "`0.5`"),
    ("claim n: f() >= 1e-3", "invalid-number", "1e", None),
    ("claim n: f >= 1", "syntax-error", ">=", "claim NAME"),
    ("claim n: f(a=1,) >= 1", "stray-separator", ",", "remove"),
    ("claim n: f(a=1 b=2) >= 1", "syntax-error", "b", "(name=value, name=value)"),
    ("claim n: f() >= 1;", "stray-separator", ";", "remove"),
    ("edge a -> b,", "stray-separator", ",", "remove"),
    ("edge a -> b via q,", "stray-separator", ",", "remove"),
    ("edge a => b", "syntax-error", "=>", "`->`"),
    ("edge a - > b", "syntax-error", "- >", "`->`"),
    ("edge a → b", "syntax-error", "→", "`->`"),
    ("policy { ablation zero }", "syntax-error", "zero", "`ablation = zero`"),
    ("edge a -> b via x", "syntax-error", "x", "via q"),
    ("keep heads", "syntax-error", "heads", "keep mlps"),
    ("doc Text of prose", "missing-quotes", "Text of prose", '"Text of prose"'),
    ("model hf:x/y", "missing-quotes", "hf:x/y", '"hf:x/y"'),
    ("doc 'Text'", "missing-quotes", "'", '"'),
    ('doc "Text', "unclosed-string", '"', '`"`'),
    ('doc "a\\tb"', "unknown-escape", "\\t", "\\n"),
    ("task { words w from words/a.txt }", "missing-quotes", "words/a.txt", '"words/a.txt"'),
    ("task { wrds w from \"x\" }", "unknown-keyword", "wrds", "`words`"),
    ("task { corrupt c S1 +1 }", "syntax-error", "S1", "resample"),
    ("task { corrupt c resample S1 +1 }", "syntax-error", "+1", "`S1+1`"),
    ("task { position end last }", "invalid-position", "end", "`END`"),
    ("task { position END }", "syntax-error", "}", "after X"),
    ("rle r at A { }", "unknown-keyword", "rle", "`role`"),
    ("head a1.h2", "misplaced-statement", "head", "role NAME"),
    ("words w from \"x\"", "misplaced-statement", "words", "task"),
    ("role r at A { edge a -> b }", "misplaced-statement", "edge", "circuit"),
    ("// a comment", "unexpected-character", "//", "`#`"),
    ("edition 1", "duplicate-edition", "edition", "remove"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "code", "at", "advice"), SLIPS, ids=[s[0] for s in SLIPS])
def test_a_slip(written: str, code: str, at: str, advice: str | None) -> None:
    text = inside(written)
    found = only(text)
    assert found.code == code
    assert text[found.span.start : found.span.end] == at
    assert advice is None or advice in (found.help or "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("  \n# only a comment\n", "empty-file"),
        ("circuit c {}", "missing-edition"),
        ("edition 2\ncircuit c {}", "unknown-edition"),
        ("edition 1.0\ncircuit c {}", "unknown-edition"),
        ("editon 1\ncircuit c {}", "unknown-keyword"),
        ("edition 1\ncircut c {}", "unknown-keyword"),
        ("edition 1\nedition 1\ncircuit c {}", "duplicate-edition"),
        ("edition 1\ncircuit c {}\nedition 1", "duplicate-edition"),
        ("edition 1\ncircuit c {}\ncircuit d { foo }", "second-circuit"),
        ("edition 1\ncircuit c {}\n}", "unmatched-brace"),
        ("edition 1\ncircuit c {", "unclosed-brace"),
        ("edition 1\nuse x\ncircuit c {}", "reserved-word"),
        ("edition 1\n", "syntax-error"),
        ("edition\ncircuit c {}", "syntax-error"),
        ("edition 1\ncircuit {}", "syntax-error"),
    ],
)
def test_the_frame_of_a_file(text: str, code: str) -> None:
    assert only(text).code == code


def test_a_line_that_stops_short_is_blamed_at_its_end() -> None:
    text = inside("edge a ->\nkeep mlps")
    found = only(text)
    assert found.message.endswith("found the end of the line")
    assert text[: found.span.start].endswith("edge a ->")


def test_the_second_edition_shows_the_first() -> None:
    (label,) = only(IOI.replace("keep mlps", "edition 1")).secondary
    assert label.span.start == 0

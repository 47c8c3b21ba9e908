"""The language reference is executed: see its last section for how its blocks are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from circuitlang.pipeline.compile import compile_source
from circuitlang.syntax.diagnostic import Severity
from circuitlang.syntax.format import format_source
from circuitlang.syntax.source import Source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/language.md").read_text(encoding="utf-8")
SPECS = ROOT / "specs"  # holds words/names.txt and words/places.txt
TODAY = date(2026, 12, 1)

_BLOCK = re.compile(r"^```circuit(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"# error: \[([a-z-]+)\]$")

BLOCKS = [
    pytest.param(match[1], match[2], id=f"line {PAGE.count(chr(10), 0, match.start()) + 1}")
    for match in _BLOCK.finditer(PAGE)
]
PRELUDE = _BLOCK.findall(PAGE)[-1][1]
_STATEMENT = re.compile(r"^  (\w+)[^\n]*\n(?:(?:    [^\n]*|)\n)*(?:  \}\n)?", re.MULTILINE)


def kinds(text: str) -> set[str]:
    return set(re.findall(r"^(\w+)", text, re.MULTILINE))


def parts(without: set[str]) -> Iterator[str]:
    """The statements of the example circuit, less those of some kinds."""
    for match in _STATEMENT.finditer(PRELUDE):
        if match[1] not in without:
            yield match[0]


def whole(form: str | None, block: str) -> str:
    """The block as a file of its own."""
    if form is None:
        return block
    structure = {"role", "edge"}
    given = kinds(block)
    if form == "statements":
        less = given | (structure if given & structure else set())
    else:
        less = {form} | (structure if form == "task" else set())
        block = f"{form} {{\n{block}}}\n"
    head, foot = "edition 1\n\ncircuit example {\n", "}\n"
    return head + "\n".join(parts(less)) + "\n" + block + foot


def said(text: str) -> list[tuple[int, str]]:
    """The line and code of each error."""
    source = Source(text, "docs/language.md")
    found = compile_source(source, SPECS, TODAY).findings.diagnostics
    errors = [d for d in found if d.severity is Severity.ERROR]
    return [(source.location(d.span.start)[0], d.code) for d in errors]


def expected(text: str) -> list[tuple[int, str]]:
    lines = enumerate(text.split("\n"), start=1)
    return [(number, found[1]) for number, line in lines if (found := _EXPECTED.search(line))]


@pytest.mark.parametrize(("form", "block"), BLOCKS)
def test_a_block_says_what_is_written_beside_it(form: str | None, block: str) -> None:
    text = whole(form, block)
    assert said(text) == expected(text)


@pytest.mark.parametrize(("form", "block"), BLOCKS)
def test_sound_files_are_shown_as_the_formatter_writes_them(form: str | None, block: str) -> None:
    if form is None:
        assert format_source(Source(block)) == (block, ())


def test_the_example_circuit_has_all_that_a_circuit_needs() -> None:
    assert len(list(parts(set()))) == PRELUDE.count("\n  }\n") + PRELUDE.count("\n  edge")
    assert said(PRELUDE) == []


def test_most_of_what_the_page_shows_is_about_mistakes() -> None:
    assert PAGE.count("# error: [") > 25

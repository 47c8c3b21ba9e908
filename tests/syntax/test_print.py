"""Trees become texts that say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from circuitlang.syntax.format import format_source
from circuitlang.syntax.print import print_file
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import Circuit, Doc, File, Name, Number, Text
from tests.syntax.examples import GENERATED, IOI, parsed
from tests.syntax.trees import files


@settings(max_examples=300, deadline=None)
@given(files)
def test_parse_undoes_print(file: File) -> None:
    assert parsed(print_file(file)) == (file, ())


@settings(max_examples=100, deadline=None)
@given(files)
def test_the_formatter_leaves_printed_text_alone(file: File) -> None:
    text = print_file(file)
    assert format_source(Source(text)) == (text, ())


@pytest.mark.parametrize("text", [IOI, GENERATED])
def test_a_neat_text_is_printed_as_it_was(text: str) -> None:
    bare = "\n".join(line.split("  #")[0] for line in text.splitlines() if line[:1] != "#")
    assert print_file(parsed(text)[0]) == bare + "\n"


def test_a_carriage_return_has_no_spelling() -> None:
    file = File(Number("1"), Circuit(Name("c"), (Doc(Text("a\rb")),)))
    with pytest.raises(ValueError, match="carriage return"):
        print_file(file)


def test_a_tree_from_recovery_is_printed_too() -> None:
    assert print_file(File(None, None)) == ""

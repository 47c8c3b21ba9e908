"""Text to syntax tree."""

from __future__ import annotations

from typing import NamedTuple

from lark import Token

from circuitlang.syntax import complaints
from circuitlang.syntax.diagnostic import Diagnostic, in_order
from circuitlang.syntax.recover import Reader
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import File

EDITIONS = (1,)


class Parsed(NamedTuple):
    file: File
    diagnostics: tuple[Diagnostic, ...]
    tokens: tuple[Token, ...]


def parse(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The syntax tree of a text and what is wrong with the text.

    Every text gives a tree: it holds the statements that were sound. ``edition`` or ``circuit``
    is None where there was none. Raises nothing. A file with syntax errors should not be checked
    further, for what its wrong statements declare is not in the tree.
    """
    parsed = parse_tokens(source)
    return parsed.file, parsed.diagnostics


def parse_tokens(source: Source) -> Parsed:
    """As `parse`, with the tokens that were taken, for the formatter."""
    reader = Reader(source)
    file = reader.read()
    found = [*reader.found]
    if file.edition is not None and file.edition.literal not in map(str, EDITIONS):
        found.append(complaints.unknown_edition(file.edition, EDITIONS))
    return Parsed(file, in_order(found), tuple(reader.tokens))

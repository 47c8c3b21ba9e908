"""How a text is laid out: what recovery goes by where the grammar no longer helps.

White space means nothing in the language, but it shows what the author meant.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lark import Token

_LINE = re.compile(r"^[ \t]*", re.MULTILINE)
_BRACES = re.compile(r'"(?:\\.|[^"\\\r\n])*"?|#[^\n]*|[{}]')


class Layout:
    """Lines, indentation and braces of one text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _lines(self) -> tuple[list[int], list[int]]:
        """Where each line starts, and where its indentation ends."""
        found = [match.span() for match in _LINE.finditer(self.text)]
        return [start for start, _ in found], [end for _, end in found]

    def leads(self, token: Token) -> bool:
        """Whether the token is the first of its line."""
        offset = token.start_pos or 0
        starts, firsts = self._lines
        return firsts[bisect_right(starts, offset) - 1] == offset

    def indent(self, token: Token) -> int:
        """The indentation of the token's line, in characters."""
        starts, firsts = self._lines
        line = bisect_right(starts, token.start_pos or 0) - 1
        return firsts[line] - starts[line]

    def rest_of_line(self, token: Token) -> str:
        """What follows the token in its line, without a comment."""
        offset = token.end_pos or 0
        end = self.text.find("\n", offset)
        rest = self.text[offset : len(self.text) if end < 0 else end]
        return rest.partition("#")[0].strip()

    @cached_property
    def excess(self) -> int:
        """How many more braces open than close."""
        found = _BRACES.findall(self.text)
        return found.count("{") - found.count("}")

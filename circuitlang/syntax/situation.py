"""Where the parser stood when it met a token that it had no place for."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from circuitlang.syntax.source import Source


@dataclass(frozen=True)
class Situation:
    """``accepts`` are the kinds of token that would have been right. ``word`` is the
    keyword of the statement being read (`=` for a setting), ``last`` the kind of the keyword or
    sign just taken and ``block`` the keyword of the innermost open block."""

    source: Source
    token: Token
    before: Token | None
    accepts: frozenset[str]
    word: str
    last: str
    block: str

    @property
    def boundary(self) -> bool:
        """Whether a statement could end here."""
        return "RBRACE" in self.accepts

    @property
    def keyless(self) -> bool:
        """Whether a name stands where a statement begins and no `=` follows it."""
        return self.word == "=" and self.accepts == {"EQUAL"}

    @property
    def line_ended(self) -> bool:
        """Whether the token stands on a later line than the one before it."""
        if self.before is None:
            return False
        between = self.source.text[self.before.end_pos or 0 : self.token.start_pos or 0]
        return "\n" in between

"""Lark's LALR parser, driven one token at a time, with the few extra moves that recovery needs."""

from __future__ import annotations

import re
from typing import Any

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from circuitlang.syntax.grammar import HEADS, KEYWORDS, VALUES, parser
from circuitlang.syntax.source import Span
from circuitlang.syntax.tree import File

END = "$END"
INVALID = "INVALID"

_ENDINGS = frozenset({*VALUES, "ANY", "LBRACE", "RBRACE", "RPAR", "PERCENT"})

# What counts as one wrong word where the lexer finds no right one.
_WRONG = re.compile(r'"(?:\\.|[^"\\\r\n])*"|"[^\r\n]*|[<>=!~≥≤≈→+*/|&^-]+|[\w.]+|.', re.DOTALL)


class Machine:
    """The parser's stacks and the lexer's place in the text.

    Of Lark's own objects it uses ``state_stack``, ``value_stack`` and the lexer's ``char_pos``;
    offsets alone are used, so moving back in the text needs no line count.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        interactive = parser().parse_interactive(text)
        self._state: Any = interactive.parser_state
        self._place: Any = interactive.lexer_thread.state
        connector: Any = interactive.lexer_thread.lexer
        self._lexers: Any = connector.lexer.lexers

    # --- the text ----------------------------------------------------------------------------

    def next(self) -> Token:
        """The next token as the present state reads it; `END` at the end of the text, `INVALID`
        for what is no word of the language."""
        try:
            token: Token = self._lexers[self._state.position].next_token(self._place, self._state)
        except EOFError:
            return self.token(END, "", len(self.text), len(self.text))
        except UnexpectedCharacters as error:
            start = error.pos_in_stream or 0
            wrong = _WRONG.match(self.text, start)
            assert wrong is not None
            self._place.line_ctr.char_pos = wrong.end()
            return self.token(INVALID, wrong[0], start, wrong.end())
        return token

    def back_to(self, offset: int) -> None:
        """Read on from a character offset."""
        self._place.line_ctr.char_pos = offset

    @staticmethod
    def token(kind: str, value: str, start: int, end: int) -> Token:
        return Token(kind, value, start_pos=start, end_pos=end)

    @staticmethod
    def reread(token: Token, kind: str) -> Token:
        """The keyword of a kind, in the place of another token."""
        word = kind.removesuffix("_WORD").lower()
        return Token(kind, word, start_pos=token.start_pos, end_pos=token.end_pos)

    # --- the stacks --------------------------------------------------------------------------

    @property
    def values(self) -> list[Any]:
        return self._state.value_stack  # type: ignore[no-any-return]

    def feed(self, token: Token) -> bool:
        """Take a token. False where the grammar has no place for it."""
        try:
            self._state.feed_token(token)
        except UnexpectedToken:
            return False
        return True

    def enter(self, word: str, before: Token) -> None:
        """Open a block with a head of empty tokens, by which it is known later."""
        start = before.start_pos or 0
        for kind in (*HEADS[word], "LBRACE"):
            value = word if kind == word.upper() else '""' if kind == "STRING" else ""
            self.feed(self.token(kind, value, start, start))

    def finish(self) -> File:
        """Take the end of the text; it has to be acceptable."""
        end = self.token(END, "", len(self.text), len(self.text))
        file: File = self._state.feed_token(end, True)
        return file

    def may(self, *kinds: str) -> bool:
        """Whether the grammar accepts tokens of these kinds, one after the other."""
        trial = self._state.copy(deepcopy_values=False)
        trial.parse_conf = _without_callbacks(trial.parse_conf)
        try:
            for kind in kinds:
                trial.feed_token(self.token(kind, "", 0, 0), kind == END)
        except UnexpectedToken:
            return False
        return True

    def accepts(self) -> frozenset[str]:
        """The kinds of token that the grammar accepts here."""
        states = self._state.parse_conf.states[self._state.position]
        return frozenset(kind for kind in states if kind.isupper() and self.may(kind))

    def looks_up(self, kind: str) -> bool:
        """A cheap superset of ``kind in accepts()``."""
        return kind in self._state.parse_conf.states[self._state.position]

    def reopen(self) -> None:
        """Take back the brace that closed the circuit. It was the last token taken, and nothing
        is reduced after it before the end of the text."""
        del self._state.state_stack[-1:]
        del self._state.value_stack[-1:]

    def snapshot(self) -> tuple[list[Any], list[Any]]:
        return list(self._state.state_stack), list(self._state.value_stack)

    def restore(self, snapshot: tuple[list[Any], list[Any]]) -> None:
        self._state.state_stack[:], self._state.value_stack[:] = snapshot

    def cut(self) -> None:
        """Forget the statement that is being read; its block stays open."""
        start = self._statement_start()
        if start is not None:
            del self._state.value_stack[start:]
            del self._state.state_stack[start + 1 :]

    def statement(self) -> Token | None:
        """The first token of the statement that is being read."""
        start = self._statement_start()
        return None if start is None else self.values[start]

    def word(self) -> str:
        """The keyword of the statement that is being read, `=` for a setting, or nothing."""
        start = self.statement()
        if start is None:
            return ""
        return "=" if start.type == "NAME" else str(start.value)

    def last(self) -> str:
        """The kind of the keyword or sign just taken; nothing after what ends a part."""
        top = self.values[-1] if self.values else None
        return top.type if isinstance(top, Token) and top.type not in _ENDINGS else ""

    def blocks(self) -> list[tuple[str, Token]]:
        """The open blocks, outermost first: the keyword and the opening brace of each."""
        found = []
        word = ""
        for value in self.values:
            if isinstance(value, Token):
                if value.type == "LBRACE":
                    found.append((word, value))
                elif value.type == "RBRACE":
                    found.pop()  # closed, but not yet reduced
                elif value.value in KEYWORDS and value.type != "NAME":
                    word = str(value.value)
        return found

    def _statement_start(self) -> int | None:
        values = self.values
        start = None
        closed = 0
        for index in range(len(values) - 1, -1, -1):
            value = values[index]
            if isinstance(value, Token):
                if value.type == "RBRACE":
                    closed += 1
                elif value.type == "LBRACE":
                    if not closed:
                        break
                    closed -= 1
                start = index
        return start


def _without_callbacks(conf: Any) -> Any:
    return type(conf)(conf.parse_table, {}, conf.start)


def span_of(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)

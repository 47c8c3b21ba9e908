"""The formatter: white space only.

Every token and every comment of the author's text comes out again, in the author's order; that is
checked after printing. It knows no options: two spaces a level, one statement a line, at most one
blank line where the author had some, no alignment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lark import Token

from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.grammar import STARTERS
from circuitlang.syntax.machine import span_of
from circuitlang.syntax.parse import parse_tokens
from circuitlang.syntax.source import NOWHERE, Source

_COMMENT = re.compile(r"#[^\n]*")
_TIGHT_BEFORE = frozenset({"COMMA", "RPAR", "COLON", "PERCENT", "LPAR"})


class _Comment(NamedTuple):
    text: str
    trailing: bool  # stands behind a token in its line
    blank: bool  # the author left a blank line before it


class _Piece(NamedTuple):
    """A token with the comments before it."""

    token: Token
    comments: tuple[_Comment, ...]
    blank: bool
    starts: bool  # begins a statement


def format_source(source: Source) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text in the one style, or None and the diagnostics of a text that does not parse."""
    parsed = parse_tokens(source)
    if parsed.diagnostics:
        return None, parsed.diagnostics
    pieces, rest = _pieces(source.text, parsed.tokens)
    text = "".join(f"{line}\n" for line in _lines(pieces, rest))
    if (difference := _difference(source, parsed.tokens, text)) is not None:
        return None, (difference,)
    return text, ()


# --- what there is ---------------------------------------------------------------------------


def _pieces(text: str, tokens: Sequence[Token]) -> tuple[tuple[_Piece, ...], tuple[_Comment, ...]]:
    """The tokens with the comments before each, and the comments behind the last."""
    found = []
    end = parens = 0
    for index, token in enumerate(tokens):
        comments, blank = _gap(text[end : token.start_pos], first=index == 0)
        parens += (token.type == "LPAR") - (token.type == "RPAR")
        following = tokens[index + 1].type if index + 1 < len(tokens) else ""
        key = token.type == "NAME" and following == "EQUAL" and not parens
        found.append(_Piece(token, comments, blank, key or token.type in STARTERS))
        end = token.end_pos or 0
    return tuple(found), _gap(text[end:], first=False)[0]


def _gap(gap: str, *, first: bool) -> tuple[tuple[_Comment, ...], bool]:
    """The comments in a gap between two tokens, and whether a blank line ends it."""
    comments: list[_Comment] = []
    end = 0
    for match in _COMMENT.finditer(gap):
        breaks = gap[end : match.start()].count("\n")
        trailing = breaks == 0 and not comments and not first
        comments.append(_Comment(match[0].rstrip(), trailing, breaks > 1))
        end = match.end()
    return tuple(comments), gap[end:].count("\n") > 1


# --- how it is laid out ----------------------------------------------------------------------


def _lines(  # noqa: PLR0912 - one walk over tokens, comments and blank lines
    pieces: Sequence[_Piece], rest: Sequence[_Comment]
) -> Iterator[str]:
    line = ""
    depth = parens = 0
    fresh = True  # nothing stands above in this block, so no blank line may
    before = ""
    for piece in pieces:
        kind = piece.token.type
        closes = kind == "RBRACE"
        whole = piece.starts or closes
        margin = "  " * (depth if whole else depth + 1)
        broken = False
        for comment in piece.comments:
            if comment.trailing:
                line += f"  {comment.text}"
            else:
                if line:
                    yield line
                    fresh = before == "LBRACE"
                if comment.blank and whole and not fresh:
                    yield ""
                line = margin + comment.text
                fresh = False
            broken = True
        if broken or (whole and not (closes and before == "LBRACE")):
            if line:
                yield line
                fresh = before == "LBRACE" and not any(not c.trailing for c in piece.comments)
            if piece.blank and piece.starts and not fresh:
                yield ""
            line = "  " * (depth - closes + (not whole)) + str(piece.token.value)
        else:
            line += _space(before, kind, parens) + str(piece.token.value)
        depth += (kind == "LBRACE") - closes
        parens += (kind == "LPAR") - (kind == "RPAR")
        before = kind
    for comment in rest:
        if comment.trailing:
            line += f"  {comment.text}"
            continue
        yield line
        if comment.blank:
            yield ""
        line = comment.text
    yield line


def _space(before: str, kind: str, parens: int) -> str:
    tight = kind in _TIGHT_BEFORE or before == "LPAR" or (before, kind) == ("LBRACE", "RBRACE")
    tied = parens > 0 and "EQUAL" in (before, kind)
    return "" if tight or tied else " "


# --- the check -------------------------------------------------------------------------------


def _difference(source: Source, tokens: Sequence[Token], text: str) -> Diagnostic | None:
    """A diagnostic where the printed text does not say the same, word for word."""
    printed = parse_tokens(Source(text, source.name))
    if _words(source.text, tokens) == _words(text, printed.tokens) and not printed.diagnostics:
        return None
    where = next(
        (
            span_of(old)
            for old, new in zip(tokens, printed.tokens, strict=False)
            if (old.type, old.value) != (new.type, new.value)
        ),
        NOWHERE,
    )
    return Diagnostic(
        "format-failed",
        "the formatter would have changed more than white space, so it changed nothing",
        where,
        note="this is a mistake in circuitlang; please report it with the file",
    )


def _words(text: str, tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Tokens and comments in order."""
    pieces, rest = _pieces(text, tokens)
    words = []
    for piece in pieces:
        words += [("COMMENT", comment.text) for comment in piece.comments]
        words.append((piece.token.type, str(piece.token.value)))
    return words + [("COMMENT", comment.text) for comment in rest]

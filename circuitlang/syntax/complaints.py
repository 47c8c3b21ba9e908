"""Diagnostics about whole statements, blocks and files. `explain` has those about single words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from lark import Token

from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.grammar import KEYWORDS, RESERVED, STATEMENTS
from circuitlang.syntax.machine import END, span_of
from circuitlang.syntax.source import NOWHERE, Source, Span
from circuitlang.syntax.tree import Number

TAKEN = KEYWORDS | RESERVED
NAMING = frozenset({"CIRCUIT", "ROLE", "CLAIM", "WORDS", "PROMPT", "CORRUPT"})

_HOME = {word: block for block, words in STATEMENTS.items() for word in words}
_INSIDE = {
    "circuit": "directly in the circuit",
    "task": "in `task`",
    "role": "in a role",
    "model": "among the settings of `model`",
    "policy": "in `policy`",
}
_BELONGS = {
    "circuit": "directly in the circuit",
    "task": "in `task { ... }`",
    "role": "in `role NAME at POSITION { ... }`",
}
_EXAMPLE = {
    "edition": "edition 1",
    "circuit": "circuit NAME {",
}


def closest(word: object, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    near = get_close_matches(str(word).lower()[:40], list(known), n=1, cutoff=0.7)
    return near[0] if near else None


def listed(words: Sequence[str], last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def shown(token: Token) -> str:
    """A token as a message names it."""
    if token.type == END:
        return "the end of the file"
    if token.type == "STRING":
        return "a text in quotes"
    value = str(token.value)
    return f"`{value[:40]}...`" if len(value) > 43 else f"`{value}`"


# --- the file --------------------------------------------------------------------------------


def empty_file(source: Source) -> Diagnostic:
    what = "holds nothing but comments" if "#" in source.text else "is empty"
    return Diagnostic(
        "empty-file",
        f"the file {what}, a circuit was needed",
        NOWHERE,
        help="begin with `edition 1` and `circuit NAME { ... }`",
    )


def too_many(span: Span, most: int) -> Diagnostic:
    return Diagnostic(
        "too-many-errors", f"more than {most} mistakes, the rest of the file was not read", span
    )


def missing_edition(token: Token) -> Diagnostic:
    return Diagnostic(
        "missing-edition",
        f"a file begins with its edition, found {shown(token)}",
        span_of(token),
        help="write `edition 1` in the first line",
    )


def unknown_edition(edition: Number, known: Sequence[int]) -> Diagnostic:
    have = listed([f"`edition {number}`" for number in known])
    return Diagnostic(
        "unknown-edition",
        f"there is no edition {edition.literal}, this version reads {have}",
        edition.span,
        help=f"write `edition {known[-1]}`, or install a newer circuitlang",
    )


def duplicate_edition(token: Token, first: Token | None) -> Diagnostic:
    return Diagnostic(
        "duplicate-edition",
        "the edition is given twice",
        span_of(token),
        secondary=_labels(first, "given here already"),
        help="keep the first line of the file and remove this one",
    )


def second_circuit(token: Token, first: Token | None) -> Diagnostic:
    return Diagnostic(
        "second-circuit",
        "a file holds one circuit, found a second",
        span_of(token),
        secondary=_labels(first, "the first circuit"),
        help="move it to a file of its own",
    )


# --- blocks ----------------------------------------------------------------------------------


def unclosed_brace(word: str, opening: Token, at: Token) -> Diagnostic:
    where = "the file ends" if at.type == END else f"{shown(at)} begins"
    label = "the file ends here" if at.type == END else "the block should have ended before this"
    return Diagnostic(
        "unclosed-brace",
        f"the block of `{word}` is still open where {where}",
        span_of(opening),
        label="opened here",
        secondary=(Label(span_of(at), label),),
        help="close it with `}`",
    )


def block_of(opening: Token, tokens: Sequence[Token]) -> str:
    """The keyword of the block that a brace opens."""
    word = ""
    for token in tokens:
        if token is opening:
            break
        if token.type != "NAME" and token.value in STATEMENTS:
            word = str(token.value)
    return word


def unmatched_brace(token: Token) -> Diagnostic:
    return Diagnostic(
        "unmatched-brace", "this `}` closes nothing", span_of(token), help="remove it"
    )


def outside(token: Token, closing: Token) -> Diagnostic:
    return Diagnostic(
        "unmatched-brace",
        f"the circuit ends at this `}}`, but {shown(token)} follows",
        span_of(closing),
        label="ends the circuit",
        secondary=(Label(span_of(token), "stands outside the circuit"),),
        help="remove this `}`, or move what follows before it",
    )


# --- statements ------------------------------------------------------------------------------


def reserved(token: Token) -> Diagnostic:
    return Diagnostic(
        "reserved-word",
        f"`{token.value}` is reserved for a later edition and has no meaning yet",
        span_of(token),
        help="remove the statement",
    )


def taken_name(token: Token) -> Diagnostic:
    why = (
        "is reserved for a later edition" if token.value in RESERVED else "is a keyword, not a name"
    )
    return Diagnostic(
        "reserved-word",
        f"`{token.value}` {why}",
        span_of(token),
        help=f"choose another name, such as `the_{token.value}`",
    )


def home_of(token: Token) -> str:
    """The block that a statement's keyword belongs in."""
    return _HOME[str(token.value)]


def misplaced(token: Token, block: str) -> Diagnostic:
    word = str(token.value)
    return Diagnostic(
        "misplaced-statement",
        f"`{word}` cannot stand {_INSIDE[block]}",
        span_of(token),
        help=f"`{word}` belongs {_BELONGS[home_of(token)]}",
    )


def misspelt(token: Token, meant: str) -> Diagnostic:
    return Diagnostic(
        "unknown-keyword",
        f"no statement begins with {shown(token)}",
        span_of(token),
        help=f"did you mean `{meant}`?",
    )


def bare_member(token: Token) -> Diagnostic:
    word = "head" if token.type == "HEAD" else "mlp"
    return Diagnostic(
        "unknown-keyword",
        f"a member begins with `{word}`, found {shown(token)}",
        span_of(token),
        help=f"write `{word} {token.value}`",
    )


def unknown_statement(token: Token, block: str, meant: str | None = None) -> Diagnostic:
    if meant:
        return misspelt(token, meant)
    begin = [f"`{word}`" for word in STATEMENTS[block]]
    if block in ("model", "policy"):
        return Diagnostic(
            "unknown-keyword",
            f"a setting is written `NAME = value`, found {shown(token)}",
            span_of(token),
        )
    return Diagnostic(
        "unknown-keyword",
        f"no statement begins with {shown(token)}",
        span_of(token),
        help=f"{_INSIDE[block]} a statement begins with {listed(begin)}",
    )


def too_deep(token: Token, most: int) -> Diagnostic:
    return Diagnostic("too-deep", f"calls are nested more than {most} deep", span_of(token))


def _labels(token: Token | None, text: str) -> tuple[Label, ...]:
    return () if token is None else (Label(span_of(token), text),)

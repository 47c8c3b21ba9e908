"""Diagnostics about one wrong word: what was found, what was needed, what to write instead.

Slips that people make often have a recogniser each; `messages` has a sentence for every other
state of the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from circuitlang.syntax.complaints import listed, shown
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.grammar import PUNCTUATION, VALUES
from circuitlang.syntax.machine import END, INVALID, span_of
from circuitlang.syntax.messages import message_for
from circuitlang.syntax.situation import Situation
from circuitlang.syntax.source import Span

_HEAD = re.compile(r"(?:[aAlL])?0*([0-9]{1,5})(?:\.?[hH]|\.)0*([0-9]{1,5})\Z")
_MLP = re.compile(r"(?:[mMlL]|mlp|MLP)?0*([0-9]{1,5})\Z")
_COMPARATOR = re.compile(r"[<>=!~≥≤≈]+")
_MEANT = {"≥": ">=", "≤": "<=", ">": ">=", "<": "<=", "=>": ">=", "=<": "<="}
_WORD = re.compile(r"[^\s{}#\"']+")
_PROSE = re.compile(r"[^\s{}#\"](?:[^{}#\"\n]*[^\s{}#\"])?")
_ESCAPE = re.compile(r"\\(?![\"\\n])")
_PERCENT = frozenset({"percent", "pct", "per", "percentage"})
_KINDS = {
    "NAME": "a name",
    "POSITION": "a position such as `END`",
    "HEAD": "a head such as `a9.h6`",
    "MLP": "an MLP such as `m3`",
    "NUMBER": "a number",
    "STRING": "a text in double quotes",
    "COMPARATOR": "`>=`, `<=` or `~=`",
    END: "the end of the file",
}


def explain(situation: Situation) -> Diagnostic:
    """The most helpful diagnostic for a token that the grammar has no place for."""
    for recognise in _SLIPS:
        if diagnostic := recognise(situation):
            return diagnostic
    return _from_table(situation)


def _from_table(situation: Situation) -> Diagnostic:
    message = message_for(situation.word, situation.last, situation.accepts)
    needed = message.needed if message else listed(sorted(map(kind_name, situation.accepts)))
    found, span = shown(situation.token), span_of(situation.token)
    if situation.before is not None and (situation.line_ended or situation.token.type == END):
        end = situation.before.end_pos or 0
        span = Span(end, end)
        if situation.token.type != END:
            found = "the end of the line"
    return Diagnostic(
        "syntax-error",
        f"expected {needed}, found {found}",
        span,
        help=message.help if message else None,
    )


def kind_name(kind: str) -> str:
    """How a message speaks of a kind of token."""
    if kind in PUNCTUATION:
        return f"`{PUNCTUATION[kind]}`"
    return _KINDS.get(kind) or f"`{kind.removesuffix('_WORD').lower()}`"


# --- texts -----------------------------------------------------------------------------------


def _bad_text(s: Situation) -> Diagnostic | None:
    value, span = s.token.value, span_of(s.token)
    if s.token.type != INVALID or not value.startswith('"'):
        return None
    escape = _ESCAPE.search(value)
    if len(value) > 1 and value.endswith('"') and escape:
        at = Span(span.start + escape.start(), span.start + escape.start() + 2)
        return Diagnostic(
            "unknown-escape",
            f"a text has no escape `{value[escape.start() : escape.start() + 2]}`",
            at,
            help='only `\\"`, `\\\\` and `\\n` are known; a backslash is written `\\\\`',
        )
    return Diagnostic(
        "unclosed-string",
        "this text has no closing quote in its line",
        Span(span.start, span.start + 1),
        help='close it with `"`; a line break inside a text is written `\\n`',
    )


def _missing_quotes(s: Situation) -> Diagnostic | None:
    if "STRING" not in s.accepts or "NAME" in s.accepts or s.line_ended:
        return None
    if s.token.type == INVALID and s.token.value[0] in "'“”‘’":
        return Diagnostic(
            "missing-quotes",
            f"a text stands in double quotes, found `{s.token.value[0]}`",
            span_of(s.token),
            help='write `"` at both ends',
        )
    if s.token.type not in ("NAME", "POSITION", "HEAD", "MLP", "NUMBER", INVALID):
        return None
    start = s.token.start_pos or 0
    word = (_PROSE if s.word in ("doc", "cite", "prompt") else _WORD).match(s.source.text, start)
    if word is None:
        return None
    return Diagnostic(
        "missing-quotes",
        f"a text stands in double quotes, found `{word[0][:40]}`",
        Span(start, word.end()),
        help=f'write `"{word[0][:200]}"`',
    )


# --- words -----------------------------------------------------------------------------------


def _node(s: Situation) -> Diagnostic | None:
    if s.accepts.isdisjoint({"HEAD", "MLP"}) or s.line_ended or s.token.type == END:
        return None
    word = str(s.token.value)
    needed = (
        "a role, a node such as `a9.h6` or `m3`, `input` or `logits`"
        if "NAME" in s.accepts
        else kind_name("HEAD" if "HEAD" in s.accepts else "MLP")
    )
    advice = None
    if (head := _HEAD.match(word)) and "HEAD" in s.accepts:
        advice = f"layer {head[1]}, head {head[2]} is written `a{head[1]}.h{head[2]}`"
    elif (mlp := _MLP.match(word)) and "MLP" in s.accepts and "HEAD" not in s.accepts:
        advice = f"the MLP of layer {mlp[1]} is written `m{mlp[1]}`"
    elif s.token.type == "MLP" and s.word == "head":
        advice = f"write `mlp {word}`"
    elif s.token.type == "HEAD" and s.word == "mlp":
        advice = f"write `head {word}`"
    elif "NAME" in s.accepts or "EQUAL" in s.accepts:
        return None
    return Diagnostic(
        "invalid-node",
        f"expected {needed}, found {shown(s.token)}",
        span_of(s.token),
        help=advice,
    )


def _position(s: Situation) -> Diagnostic | None:
    if "POSITION" not in s.accepts or "NAME" in s.accepts or s.line_ended:
        return None
    word = str(s.token.value)
    if s.token.type not in ("NAME", INVALID) or not word[0].isalpha():
        return None
    upper = word.upper()
    advice = f"did you mean `{upper}`?" if re.fullmatch(r"[A-Z][A-Z0-9_]{0,40}", upper) else None
    return Diagnostic(
        "invalid-position",
        f"a position is written in upper case, found {shown(s.token)}",
        span_of(s.token),
        help=advice,
    )


def _name(s: Situation) -> Diagnostic | None:
    if "NAME" not in s.accepts or s.line_ended or "POSITION" in s.accepts:
        return None
    if s.token.type in ("HEAD", "MLP"):
        return Diagnostic(
            "invalid-name",
            f"{shown(s.token)} names a component of the model, another name was needed",
            span_of(s.token),
        )
    word = str(s.token.value)
    if s.token.type == "STRING":
        return Diagnostic(
            "invalid-name",
            "a name stands without quotes, found a text in quotes",
            span_of(s.token),
        )
    if s.token.type not in ("POSITION", INVALID) or not re.match(r"\w", word):
        return None
    lower = re.sub(r"[^a-z0-9_]+", "_", word.lower()).strip("_")
    usable = re.fullmatch(r"[a-z][a-z0-9_]{0,40}", lower) and not re.fullmatch(r"m[0-9]+", lower)
    return Diagnostic(
        "invalid-name",
        f"a name is written in lower case letters, digits and underscores, found {shown(s.token)}",
        span_of(s.token),
        help=f"did you mean `{lower}`?" if usable else None,
    )


def _offset(s: Situation) -> Diagnostic | None:
    before = s.before
    if before is None or before.type != "POSITION" or s.token.type != "NUMBER" or s.line_ended:
        return None
    if s.token.value[0] not in "+-":
        return None
    return Diagnostic(
        "syntax-error",
        "the offset of a position follows it without a space",
        span_of(s.token),
        help=f"write `{before.value}{s.token.value}`",
    )


# --- signs -----------------------------------------------------------------------------------


def _comparator(s: Situation) -> Diagnostic | None:
    if "COMPARATOR" not in s.accepts:
        return None
    sign = _COMPARATOR.match(s.source.text, s.token.start_pos or 0)
    if sign is None or s.line_ended:
        return None
    meant = _MEANT.get(sign[0])
    return Diagnostic(
        "unknown-comparator",
        f"a claim compares with `>=`, `<=` or `~=`, found `{sign[0]}`",
        Span(sign.start(), sign.end()),
        help=f"write `{meant}`" if meant else "equality is claimed as `~= 0.50 +- 0.05`",
    )


def _percent(s: Situation) -> Diagnostic | None:
    before = s.before
    if before is None or before.type != "NUMBER" or s.token.value not in _PERCENT or s.line_ended:
        return None
    return Diagnostic(
        "syntax-error",
        f"a percentage is written with `%`, found `{s.token.value}`",
        span_of(s.token),
        help=f"write `{before.value}%`",
    )


def _separator(s: Situation) -> Diagnostic | None:
    before = s.before
    if s.token.value == ";" or (s.token.type == "COMMA" and s.boundary):
        return Diagnostic(
            "stray-separator",
            f"a statement ends without `{s.token.value}`",
            span_of(s.token),
            help="remove it",
        )
    if before is None or before.type != "COMMA" or (s.token.type != "RPAR" and not s.line_ended):
        return None
    return Diagnostic(
        "stray-separator",
        "nothing follows this comma",
        span_of(before),
        help="remove it; a list ends without a comma",
    )


def _colon_or_equal(s: Situation) -> Diagnostic | None:
    for wrong, right, what in (
        ("EQUAL", "COLON", "a claim's name is followed by `:`"),
        ("COLON", "EQUAL", "a setting is written with `=`"),
    ):
        if s.token.type == wrong and right in s.accepts:
            return Diagnostic(
                "syntax-error",
                f"{what}, found `{PUNCTUATION[wrong]}`",
                span_of(s.token),
                help=f"write `{PUNCTUATION[right]}`",
            )
    return None


def _equal(s: Situation) -> Diagnostic | None:
    if not s.keyless or s.before is None or s.line_ended or s.token.type not in VALUES:
        return None
    return Diagnostic(
        "syntax-error",
        f"expected `=` after `{s.before.value}`, found {shown(s.token)}",
        span_of(s.token),
        help=f"write `{s.before.value} = {str(s.token.value)[:60]}`",
    )


def _arrow(s: Situation) -> Diagnostic | None:
    sign = re.compile(r"[-=~>→⟶]+(?: ?>)?").match(s.source.text, s.token.start_pos or 0)
    if "ARROW" not in s.accepts or sign is None or s.line_ended:
        return None
    return Diagnostic(
        "syntax-error",
        f"an edge is drawn with `->`, found `{sign[0][:20]}`",
        Span(sign.start(), sign.end()),
        help="write `->`",
    )


def _character(s: Situation) -> Diagnostic | None:
    if s.token.type != INVALID:
        return None
    word = str(s.token.value)
    if re.fullmatch(r"[\w.]*[0-9][\w.]*", word) and not word[0].isalpha():
        advice = f"write `0{word}`" if re.fullmatch(r"\.[0-9]{1,15}", word) else None
        return Diagnostic(
            "invalid-number",
            f"{shown(s.token)} is no number",
            span_of(s.token),
            help=advice or "a number is written as digits, such as `0.95` or `95%`",
        )
    if re.match(r"\w", word):
        return Diagnostic("invalid-name", f"{shown(s.token)} is no name", span_of(s.token))
    advice = None
    if word.startswith(("/", "--", "*")):
        advice = "a comment begins with `#`"
    elif word.isspace():
        advice = "write a plain space"
    return Diagnostic(
        "unexpected-character",
        f"{_character_name(word)} has no meaning here",
        span_of(s.token),
        help=advice,
    )


def _character_name(word: str) -> str:
    if word.isprintable() and not word.isspace():
        return f"`{word[:20]}`"
    return f"the character U+{ord(word[0]):04X}"


_SLIPS: tuple[Callable[[Situation], Diagnostic | None], ...] = (
    _bad_text,
    _missing_quotes,
    _comparator,
    _percent,
    _separator,
    _colon_or_equal,
    _node,
    _position,
    _offset,
    _equal,
    _arrow,
    _name,
    _character,
)

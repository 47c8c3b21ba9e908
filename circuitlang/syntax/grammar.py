"""The parser, built once a process from `circuitlang/grammar/circuit.lark`, and its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import lark.lexer
from lark import Lark, Token

from circuitlang.syntax.build import Builder

# What begins a statement, by the block that it may stand in. Settings begin with their key.
STATEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "circuit": (
            *("doc", "cite", "model", "task", "policy"),
            *("keep", "role", "edge", "claim", "waive"),
        ),
        "task": ("words", "prompt", "data", "generate", "corrupt", "position", "metric"),
        "role": ("head", "mlp"),
        "model": (),
        "policy": (),
    }
)

KEYWORDS = frozenset({"edition", "circuit"}.union(*STATEMENTS.values()))

# The shortest head that opens a block.
HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "circuit": ("CIRCUIT", "NAME"),
        "task": ("TASK",),
        "policy": ("POLICY",),
        "model": ("MODEL", "STRING"),
        "role": ("ROLE", "NAME", "AT", "POSITION"),
    }
)

RESERVED = frozenset(
    {
        *("use", "import", "extends", "feature", "direction", "subspace"),
        *("dictionary", "group", "assume", "unless"),
    }
)


def terminal(word: str) -> str:
    """The grammar's name for a keyword; three keywords are also names of kinds of words."""
    return f"{word.upper()}_WORD" if word in ("position", "head", "mlp") else word.upper()


STARTERS = frozenset(map(terminal, KEYWORDS))

PUNCTUATION = MappingProxyType(
    {
        "LBRACE": "{",
        "RBRACE": "}",
        "LPAR": "(",
        "RPAR": ")",
        "COMMA": ",",
        "COLON": ":",
        "EQUAL": "=",
        "PERCENT": "%",
        "ARROW": "->",
        "PLUS_MINUS": "+-",
    }
)

VALUES = ("NAME", "POSITION", "HEAD", "MLP", "NUMBER", "STRING", "COMPARATOR")


class _EverywhereAlike:
    """Has the lexer know everything but keywords in every state of the parser, so that a word
    means the same to the reader of an error as it would in its right place."""

    always_accept = (*VALUES, *PUNCTUATION)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


def grammar_text() -> str:
    return files("circuitlang").joinpath("grammar/circuit.lark").read_text(encoding="utf-8")


def build(*, strict: bool = False, **options: Any) -> Lark:
    """A parser of the grammar; ``options`` are Lark's own. With ``strict``, Lark refuses terminals
    that can match the same text; that needs `interegular`."""
    with nullcontext() if strict else _without_comparing_terminals():
        return Lark(
            grammar_text(),
            parser="lalr",
            lexer="contextual",
            keep_all_tokens=True,
            maybe_placeholders=True,
            postlex=_EverywhereAlike(),
            transformer=Builder(),
            strict=strict,
            **options,
        )


@contextmanager
def _without_comparing_terminals() -> Iterator[None]:
    """Where `interegular` is installed, Lark compares all terminals in pairs at every start, which
    takes longer than reading a large spec. The grammar is fixed, and a test compares them."""
    module: Any = lark.lexer
    installed = module.has_interegular
    module.has_interegular = False
    try:
        yield
    finally:
        module.has_interegular = installed


@lru_cache(maxsize=1)
def parser() -> Lark:
    return build()

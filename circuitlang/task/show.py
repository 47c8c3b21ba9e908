"""Tokens as messages show them."""

from __future__ import annotations

from collections.abc import Sequence

from circuitlang.task.tokenizer import Tokenizer

_MOST = 32
_BEFORE = 8


def show_tokens(tokenizer: Tokenizer, ids: Sequence[int], around: int = 0) -> str:
    """``Then|,| Mary| and``: tokens with a bar between two; long texts only near ``around``."""
    start = max(0, around - _BEFORE) if len(ids) > _MOST else 0
    shown = "|".join(tokenizer.token(i) for i in ids[start : start + _MOST])
    head = "...|" if start else ""
    tail = "|..." if start + _MOST < len(ids) else ""
    return f"{head}{shown}{tail}".replace("\n", "\\n")


def first_difference(a: Sequence[int], b: Sequence[int]) -> int:
    """The first index at which two sequences differ; the shorter length where none does."""
    pairs = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))

"""The registry of generators: tasks that are made of tokens rather than text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from circuitlang.circuit.circuit import GeneratedData, TaskSpec
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.draft import Draft
from circuitlang.task.repeated import draft_repeated
from circuitlang.task.tokenizer import Tokenizer

Drafts = tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]


class Generator(NamedTuple):
    """``positions`` and ``corruptions`` are those it brings to ``given`` statements."""

    positions: tuple[str, ...]
    corruptions: tuple[str, ...]
    draft: Callable[[GeneratedData, TaskSpec, Tokenizer, int, int, int], Drafts]


GENERATORS: Mapping[str, Generator] = {
    "repeated_tokens": Generator(("REPEAT",), ("unrepeated",), draft_repeated),
}


def draft_generated(
    data: GeneratedData, task: TaskSpec, tokenizer: Tokenizer, examples: int, least: int, seed: int
) -> Drafts:
    """Examples of the registered generator that ``data`` names."""
    return GENERATORS[data.generator].draft(data, task, tokenizer, examples, least, seed)

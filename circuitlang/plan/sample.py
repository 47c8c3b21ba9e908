"""Which examples of the data a request is about: all of them, the first few, or one half.

A choice depends on the templates of the examples alone, never on a number that was measured, and is
spread over the templates, so that it looks like the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from circuitlang.plan.request import Composition, Evaluation, Half, RepeatedTokens, Request


class Sample(NamedTuple):
    """``half`` of the examples, or all of them; of those the first ``examples``, or all."""

    examples: int | None = None
    half: Half | None = None

    def indices(self, templates: Sequence[str]) -> tuple[int, ...]:
        """The places of the chosen examples in data with these templates, ascending."""
        chosen: Iterable[int] = range(len(templates))
        if self.half is not None:
            chosen = halves(templates)[self.half == "report"]
        if self.examples is not None:
            chosen = _first(templates, chosen, self.examples)
        return tuple(sorted(chosen))

    def size(self, total: int) -> int:
        """How many of ``total`` examples that is."""
        chosen = total
        if self.half is not None:
            chosen = total // 2 if self.half == "report" else total - total // 2
        return chosen if self.examples is None else min(chosen, self.examples)


def sample_of(request: Evaluation) -> Sample:
    return Sample(request.examples, request.half)


def clusters_of(request: Request, templates: Sequence[str]) -> tuple[str, ...]:
    """What each number of a request is of, on data with these templates: the template of its
    example, or, where examples are no part of it, its sequence or draw."""
    match request:
        case RepeatedTokens(examples=count):
            return tuple(f"sequence {i}" for i in range(count))
        case Composition(draws=count):
            return tuple(f"draw {i}" for i in range(count))
        case Evaluation():
            return tuple(templates[i] for i in sample_of(request).indices(templates))
        case _:
            return tuple(templates)


def halves(templates: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The examples of a search and those that report what it found: template by template, every
    other one. Together they are all examples, and no example is in both."""
    order = {name: rank for rank, name in enumerate(dict.fromkeys(templates))}
    by_template = sorted(range(len(templates)), key=lambda i: (order[templates[i]], i))
    return tuple(sorted(by_template[::2])), tuple(sorted(by_template[1::2]))


def _first(templates: Sequence[str], indices: Iterable[int], examples: int) -> list[int]:
    """One of each template, then another of each, until there are enough."""
    seen: dict[str, int] = {}
    turns = []
    for index in indices:
        turn = seen.get(templates[index], 0)
        seen[templates[index]] = turn + 1
        turns.append((turn, index))
    return [index for _, index in sorted(turns)[:examples]]

"""What every data source hands over: prompt pairs before BOS, named positions and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from circuitlang.syntax.source import Span
from circuitlang.task.dataset import Tokens


class Side(NamedTuple):
    """One prompt of a pair. ``marks``: the token indices of the slots or spans that its source
    knows by name; a corrupt prompt may know none."""

    ids: Tokens
    marks: Mapping[str, Tokens]


class Answer(NamedTuple):
    """Sets of token ids. Empty where the task names no answer, or no rival to it."""

    answer: Tokens = ()
    against: Tokens = ()


class Place(NamedTuple):
    """Where an example comes from: what messages call it, and the statement that brought it."""

    name: str
    span: Span


class Draft(NamedTuple):
    """One example as its source makes it; all token indices are without BOS.

    ``answers`` is one answer for whichever token the metric reads, or, where the source brings an
    answer for each of several tokens, a mapping from token index to answer.
    """

    text: str
    template: str
    place: Place
    clean: Side
    corrupt: Mapping[str, Side]
    answers: Answer | Mapping[int, Answer]

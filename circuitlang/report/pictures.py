"""What a report shows of single prompts: their tokens, where heads look in them, and the numbers of
those that count most against a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from circuitlang.circuit.names import Node

Words = tuple[str, ...]


@dataclass(frozen=True)
class Prompt:
    """One example as text, token by token.

    ``index`` is its place in the data, ``template`` the name of what it was made from. ``corrupt``
    has as many tokens for each corruption as ``clean``. ``positions`` maps the names of positions
    to places in these. ``answer`` and ``against`` are the tokens that the metric compares at the
    first place where it reads.
    """

    index: int
    template: str
    clean: Words
    corrupt: Mapping[str, Words]
    positions: Mapping[str, tuple[int, ...]]
    answer: Words = ()
    against: Words = ()


@dataclass(frozen=True)
class Pattern:
    """Where a head looks from one token of a clean prompt, in the unmodified model.

    ``weights``: (query + 1,), the attention probability of each token up to the one at ``query``.
    """

    role: str
    head: Node
    prompt: int
    query: int
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Pictures:
    """``prompts`` by their index, for ``patterns`` and for ``worst``: of each claim, in the order
    of its verdict's ``worst``, an example's numbers under the labels of the claim's measure."""

    prompts: Mapping[int, Prompt] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    worst: Mapping[str, Mapping[int, Mapping[str, float]]] = field(default_factory=dict)

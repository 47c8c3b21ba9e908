"""A task made concrete for one tokenizer: token ids, positions and targets, example by example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Target:
    """What the metric reads at one token position: probability mass on ``answer`` and ``against``.

    Both are sets of token ids. ``against`` is empty where the task names no rival, ``answer`` where
    it names no answer either, as `kl` permits.
    """

    position: int
    answer: Tokens
    against: Tokens = ()


@dataclass(frozen=True)
class Example:
    """One prompt pair. ``corrupt`` has as many tokens as ``clean``, whatever the corruption.

    ``positions`` maps each named position that the prompt has to its token indices, in ascending
    order; BOS counts where there is one. ``template`` is the name of the prompt that it was made
    from: the unit of clustering, and the group whose examples share a mean.
    """

    text: str
    template: str
    clean: Tokens
    corrupt: Mapping[str, Tokens]
    positions: Mapping[str, Tokens]
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Dataset:
    """``metric`` names the task's metric; ``digest`` is the SHA-256 of that and of all examples."""

    examples: tuple[Example, ...]
    metric: str
    digest: str

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def templates(self) -> tuple[str, ...]:
        """The template of each example."""
        return tuple(example.template for example in self.examples)

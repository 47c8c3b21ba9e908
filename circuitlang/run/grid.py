"""Where the rows of a sparse plan lie: every class's tokens in a batch, blocks of rows in memory.

All of it is index arithmetic on the host, done before the first layer runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from circuitlang.plan.classes import Classes

Index = npt.NDArray[np.int64]


class Grid:
    """The tokens of a batch by class; a token's number is example * width + position.

    ``kind`` and ``rank``: (example, position), a token's class and its place among the tokens of
    that class; padding has the class ``len(classes)``. ``count``: (class,), tokens of each.
    ``tokens``: their numbers, by class, ascending.
    """

    def __init__(self, classes: Classes, indices: Sequence[int]) -> None:
        rows = [classes.tokens[i] for i in indices]
        self.examples, self.width = len(rows), max(len(row) for row in rows)
        self.kind: Index = np.full((self.examples, self.width), len(classes), dtype=np.int64)
        for i, row in enumerate(rows):
            self.kind[i, : len(row)] = row
        flat = self.kind.reshape(-1)
        self.tokens: list[Index] = [np.flatnonzero(flat == c) for c in range(len(classes))]
        self.count: Index = np.array([len(tokens) for tokens in self.tokens], dtype=np.int64)
        self.rank: Index = np.zeros_like(self.kind)
        for tokens in self.tokens:
            self.rank.reshape(-1)[tokens] = np.arange(len(tokens))

    def tokens_of(self, classes: Iterable[int]) -> Index:
        """The token numbers of blocks of these classes, one block after the other."""
        return joined([self.tokens[c] for c in classes])


class Blocks:
    """Blocks of rows, one row for each token of a block's class, laid out in ``order``.

    ``start`` and ``length`` are indexed by block; ``total`` is the number of rows.
    """

    def __init__(self, at: Sequence[int] | Index, order: Sequence[int], grid: Grid) -> None:
        self.order = np.array(order, dtype=np.int64)
        self.length: Index = grid.count[np.asarray(at, dtype=np.int64)]
        placed = self.length[self.order]
        ends = np.cumsum(placed)
        self.start: Index = np.zeros_like(self.length)
        self.start[self.order] = ends - placed
        self.total = int(placed.sum())

    def rows(self, blocks: Sequence[int] | Index) -> Index:
        """The rows of some blocks, one block after the other."""
        chosen = np.asarray(blocks, dtype=np.int64)
        return spans(self.start[chosen], self.length[chosen])


def spans(starts: Index, lengths: Index) -> Index:
    """start, start + 1, ... of each length, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def joined(parts: Sequence[Index]) -> Index:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

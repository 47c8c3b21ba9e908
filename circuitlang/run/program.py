"""A sparse plan for one batch: every index tensor that its execution needs, made beforehand, so
that nothing in the layers has to wait for the host. `circuitlang.run.compile` makes it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from circuitlang.run.attention_index import AttentionIndex
from circuitlang.run.grid import Grid


@dataclass(frozen=True, eq=False)
class Sum:
    """Rows that get the outputs of the same heads: rows ``start`` to ``stop`` of the level above,
    ``z``: (row, head) addresses of what the units made. All heads are None."""

    start: int
    stop: int
    z: Tensor
    heads: Tensor | None


@dataclass(frozen=True, eq=False)
class Apart:
    """Values that edges carry on their own, kept as live - ablated: rows ``source`` of what the
    component made, at ``tokens``, go to rows ``target`` of the store. ``head`` is -1 for an MLP."""

    head: int
    source: Tensor
    tokens: Tensor
    target: Tensor


@dataclass(frozen=True, eq=False)
class Corrected:
    """Port streams of one class: rows ``rows``, each a running row of the same level and a signed
    sum of blocks of the store. Stream i adds ``signs[j] * block[blocks[j]]`` for j from
    ``offsets[i]`` up to the next one's."""

    rows: Tensor
    region: tuple[int, int, int]  # first row of the store, how many blocks, rows in each
    blocks: Tensor
    offsets: Tensor
    signs: Tensor


@dataclass(frozen=True, eq=False)
class LevelIndex:
    """Running rows come from rows ``parent`` of the level below (in order: None), at ``tokens``.
    The first ``live`` of them get something live, the others only constants."""

    parent: Tensor | None
    tokens: Tensor
    live: int
    corrected: tuple[Corrected, ...]


@dataclass(frozen=True, eq=False)
class LayerIndex:
    """``sums`` order the rows above attention: those with some heads ablated begin at row
    ``constant``. ``mlp_rows`` go through the MLP (all in order: None; of an idle MLP: empty), and
    rows ``mlp_sent`` of what it makes (in order: None) to the live rows above it.
    ``apart`` and ``mlp_apart`` keep values for edges that carry them on their own."""

    attention: AttentionIndex | None
    sums: tuple[Sum, ...]
    constant: int
    apart: tuple[Apart, ...]
    mlp_rows: Tensor | None
    mlp_sent: Tensor | None
    mlp_idle: bool
    mlp_apart: tuple[Apart, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """``logits``: (variant, row) rows of the last level that the metric reads. ``store`` is the
    number of rows kept apart, ``input_apart`` those of the embeddings. Tokens share constants:
    token t has those of token ``distinct[same[t]]``."""

    grid: Grid
    levels: tuple[LevelIndex, ...]
    layers: tuple[LayerIndex, ...]
    logits: Tensor
    store: int
    input_apart: tuple[Apart, ...]
    distinct: Tensor
    same: Tensor

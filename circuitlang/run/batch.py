"""Examples side by side in tensors: padded on the right, cut so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from circuitlang.circuit.positions import Positions
from circuitlang.model.decoder import Decoder
from circuitlang.task.dataset import Dataset, Example, Target, Tokens

# A batch's residual stream and the attention patterns of one layer hold at most about this many
# numbers together; everything else that a forward pass allocates is a small multiple of it.
_NUMBERS = 1 << 20


@dataclass(frozen=True, eq=False)
class Batch:
    """Some examples of a dataset, on a device.

    ``indices`` are their places in the dataset. ``tokens`` is (batch, position), the clean prompts;
    ``lengths`` is (batch,). Row r of what the metric reads is position ``row_positions[r]`` of
    example ``row_examples[r]`` and belongs to ``targets[r]``.
    """

    indices: tuple[int, ...]
    examples: tuple[Example, ...]
    tokens: Tensor
    lengths: Tensor
    row_examples: Tensor
    row_positions: Tensor
    targets: tuple[Target, ...]

    def mask(self, at: Positions) -> Tensor:
        """Where ``at`` holds, (batch, position) of bool. Padding may be inside; nothing reads it.

        Raises KeyError for a position that an example does not have.
        """
        mask = torch.zeros_like(self.tokens, dtype=torch.bool)
        for row, example in enumerate(self.examples):
            for name in at.names:
                mask[row, list(example.positions[name])] = True
        return ~mask if at.complement else mask

    def rows(self, x: Tensor) -> Tensor:
        """(batch, position, ...) -> (row, ...): what the metric reads."""
        return x[self.row_examples, self.row_positions]


def make_batches(
    dataset: Dataset,
    decoder: Decoder,
    batch_size: int | None = None,
    among: Sequence[int] | None = None,
    only: Collection[int] | None = None,
) -> Iterator[Batch]:
    """The examples ``among``, or all, those of like length together.

    At most ``batch_size`` in a batch, or as many as the memory bound allows. With ``only``, the
    same batches without the other examples: what is computed side by side decides the rounding.
    """
    among = range(len(dataset)) if among is None else among
    lengths = [len(dataset.examples[i].clean) for i in among]
    cuts = [tuple(among[place] for place in cut_) for cut_ in cut(lengths, decoder, batch_size)]
    for indices in within(only, cuts):
        examples = tuple(dataset.examples[i] for i in indices)
        tokens, padded = pad([example.clean for example in examples], decoder.device)
        rows = [(row, target) for row, one in enumerate(examples) for target in one.targets]
        yield Batch(
            indices=indices,
            examples=examples,
            tokens=tokens,
            lengths=padded,
            row_examples=_index([row for row, _ in rows], decoder),
            row_positions=_index([target.position for _, target in rows], decoder),
            targets=tuple(target for _, target in rows),
        )


def cut(
    lengths: Sequence[int], decoder: Decoder, batch_size: int | None = None
) -> tuple[tuple[int, ...], ...]:
    """Indices of sequences of those lengths, the shortest first, in batches of bounded size."""
    shape = decoder.shape
    made: list[tuple[int, ...]] = []
    open_batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        # Sorted, so this one would be the longest, and the batch as wide as it is.
        each = lengths[index] * (shape.d_model + shape.n_heads * lengths[index])
        full = len(open_batch) == (batch_size or max(1, _NUMBERS // each))
        if open_batch and full:
            made.append(tuple(open_batch))
            open_batch = []
        open_batch.append(index)
    return (*made, tuple(open_batch)) if open_batch else tuple(made)


def within(
    only: Collection[int] | None, batches: Sequence[tuple[int, ...]]
) -> tuple[tuple[int, ...], ...]:
    """The batches without the indices that ``only`` lacks; those that become empty are gone."""
    if only is None:
        return tuple(batches)
    left = (tuple(index for index in batch if index in only) for batch in batches)
    return tuple(batch for batch in left if batch)


def pad(sequences: Sequence[Tokens], device: torch.device) -> tuple[Tensor, Tensor]:
    """(batch, position) ids, padded on the right with id 0, and the lengths, (batch,)."""
    lengths = [len(sequence) for sequence in sequences]
    width = max(lengths)
    padded = [list(sequence) + [0] * (width - len(sequence)) for sequence in sequences]
    return torch.tensor(padded, device=device), torch.tensor(lengths, device=device)


def _index(values: list[int], decoder: Decoder) -> Tensor:
    return torch.tensor(values, dtype=torch.long, device=decoder.device)

"""What components send on prompts that several ablations take values from."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from circuitlang.model.decoder import Decoder
from circuitlang.run.batch import pad
from circuitlang.run.values import Values, record
from circuitlang.task.dataset import Tokens


class Recordings:
    """Runs of the unmodified model. What the first prompts send is kept, up to ``keep`` bytes in
    all, and is not computed again."""

    def __init__(self, decoder: Decoder, keep: int = 0) -> None:
        self._decoder, self._left = decoder, keep
        self._kept: dict[Tokens, tuple[Tensor, ...]] = {}

    def __call__(self, prompts: Sequence[Tokens]) -> Values:
        """One value a component, (prompt, position, ...), padded to the longest prompt."""
        if not self._kept and not self._left:
            return self._record(prompts)
        new = list(dict.fromkeys(prompt for prompt in prompts if prompt not in self._kept))
        here = dict(zip(new, self._apart(new), strict=True)) if new else {}
        for prompt, tensors in here.items():
            size = sum(tensor.nbytes for tensor in tensors)
            if size <= self._left:
                self._left -= size
                # A copy, as a view would keep the whole batch.
                self._kept[prompt] = tuple(tensor.clone() for tensor in tensors)
        rows = [here[prompt] if prompt in here else self._kept[prompt] for prompt in prompts]
        return _values([pad_sequence(list(column), True) for column in zip(*rows, strict=True)])

    def _apart(self, prompts: Sequence[Tokens]) -> list[tuple[Tensor, ...]]:
        """The components' values prompt by prompt, (position, ...), without padding."""
        columns = _tensors(self._record(prompts))
        return [
            tuple(column[row, : len(prompt)] for column in columns)
            for row, prompt in enumerate(prompts)
        ]

    def _record(self, prompts: Sequence[Tokens]) -> Values:
        return record(self._decoder, *pad(prompts, self._decoder.device))


def _tensors(values: Values) -> tuple[Tensor, ...]:
    return (values.embedding, *values.heads, *values.mlps)


def _values(tensors: Sequence[Tensor]) -> Values:
    layers = len(tensors) // 2
    return Values(tensors[0], tuple(tensors[1 : 1 + layers]), tuple(tensors[1 + layers :]))

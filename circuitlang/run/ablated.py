"""What removed components send instead: the four ablations of `circuitlang.circuit.Ablation`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.model.decoder import Decoder
from circuitlang.run.batch import Batch, cut, pad
from circuitlang.run.recordings import Recordings
from circuitlang.run.values import Values
from circuitlang.task.dataset import Dataset, Tokens

Ablator = Callable[[Batch], Values]
Step = Callable[[], None]


def make_ablator(
    ablation: Ablation,
    decoder: Decoder,
    dataset: Dataset,
    *,
    seed: int,
    batch_size: int | None = None,
    step: Step = lambda: None,
    recordings: Recordings | None = None,
) -> Ablator:
    """The function that gives a batch its ablated values.

    A mean takes one pass over all corrupt prompts here and now, with a call of ``step`` for each
    batch of `mean_batches`. A resample or counterfactual ablation is one pass over the batch's
    corrupt prompts each time the function is called, so that memory stays bounded; ``recordings``
    may keep some of them for other ablations.

    Raises ValueError where an example lacks the corruption, and for a resample ablation where a
    template has one example alone of its length.
    """
    if ablation.kind == "zero":
        nothing = _zeros(decoder)
        return lambda batch: nothing
    runs = recordings or Recordings(decoder)
    corrupt = corrupt_prompts(ablation, dataset)
    if ablation.kind == "mean":
        groups = _groups(ablation, dataset)
        means = _means(
            corrupt,
            groups,
            decoder,
            runs,
            over_positions=ablation.by == "all",
            batch_size=batch_size,
            step=step,
        )
        return lambda batch: _looked_up(means, [groups[i] for i in batch.indices], batch)
    if ablation.kind == "resample":
        donors = donors_of(dataset, seed)
        corrupt = tuple(corrupt[donor] for donor in donors)
    return lambda batch: runs([corrupt[i] for i in batch.indices])


def make_ablators(
    ablations: Collection[Ablation],
    decoder: Decoder,
    dataset: Dataset,
    *,
    seed: int,
    batch_size: int | None = None,
    step: Step = lambda: None,
    keep: int = 0,
) -> Mapping[Ablation, Ablator]:
    """`make_ablator` for each. What they take from the same corrupt prompt comes from one run of
    it, for as many prompts as fit into ``keep`` bytes; the others run again for each ablation.

    Means come first, as they run all corrupt prompts.
    """
    several = sum(ablation.kind != "zero" for ablation in ablations) > 1
    recordings = Recordings(decoder, keep if several else 0)
    return {
        ablation: make_ablator(
            ablation,
            decoder,
            dataset,
            seed=seed,
            batch_size=batch_size,
            step=step,
            recordings=recordings,
        )
        for ablation in sorted(ablations, key=lambda one: one.kind != "mean")
    }


def constants_of(ablation: Ablation, batch: Batch) -> list[list[int]]:
    """A number for each (example, position); tokens with the same number have the same ablated
    values."""
    width = batch.tokens.shape[1]
    if ablation.kind == "zero" or (ablation.kind == "mean" and ablation.by == "all"):
        return [[0] * width for _ in batch.examples]
    own: dict[object, int] = {}
    by_template = ablation.kind == "mean"
    return [
        [own.setdefault((one.template if by_template else i, t), len(own)) for t in range(width)]
        for i, one in enumerate(batch.examples)
    ]


def mean_batches(
    ablation: Ablation, decoder: Decoder, dataset: Dataset, batch_size: int | None = None
) -> int:
    """How many batches `make_ablator` runs before it returns."""
    if ablation.kind != "mean":
        return 0
    return len(cut([len(ids) for ids in corrupt_prompts(ablation, dataset)], decoder, batch_size))


def corrupt_prompts(ablation: Ablation, dataset: Dataset) -> tuple[Tokens, ...]:
    """Each example's corrupt prompt. Raises ValueError where one has none of that name."""
    name = ablation.corrupt
    missing = [i for i, one in enumerate(dataset.examples) if name not in one.corrupt]
    if name is None or missing:
        raise ValueError(f"{ablation} needs a corruption that every example has")
    return tuple(example.corrupt[name] for example in dataset.examples)


def donors_of(dataset: Dataset, seed: int) -> tuple[int, ...]:
    """For each example another of the same template and length, no two the same.

    Within a group of n the donors form one cycle through a seeded random order, so nobody is their
    own. Raises ValueError for a group of one.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    for index, example in enumerate(dataset.examples):
        groups.setdefault((example.template, len(example.clean)), []).append(index)
    donors = dict[int, int]()
    for (template, length), members in groups.items():
        if len(members) == 1:
            raise ValueError(f"`{template}` has only one example of {length} tokens to resample")
        order = shuffled(Stream(seed, "donors", template, length), len(members))
        cycle = [members[i] for i in order]
        donors |= dict(zip(cycle, cycle[1:] + cycle[:1], strict=True))
    return tuple(donors[index] for index in range(len(dataset)))


def _groups(ablation: Ablation, dataset: Dataset) -> tuple[int, ...]:
    """Which mean each example takes part in: its template's, or the one of all."""
    if ablation.by == "all":
        return (0,) * len(dataset)
    numbers = {template: i for i, template in enumerate(dict.fromkeys(dataset.templates))}
    return tuple(numbers[template] for template in dataset.templates)


def _means(
    corrupt: tuple[Tokens, ...],
    groups: tuple[int, ...],
    decoder: Decoder,
    runs: Recordings,
    *,
    over_positions: bool,
    batch_size: int | None,
    step: Step,
) -> Values:
    """Means over the corrupt runs as (group, position, ...), summed in float64.

    A position's mean is over those examples of the group that reach it. ``over_positions`` makes
    one mean of all positions, (group, 1, ...).
    """
    lengths = [len(ids) for ids in corrupt]
    size = (max(groups) + 1, 1 if over_positions else max(lengths))
    where = decoder.device
    count = torch.zeros(size, dtype=torch.float64, device=where)
    total = _zeros(decoder).map(
        lambda t: torch.zeros(*size, *t.shape[2:], dtype=torch.float64, device=where)
    )
    for indices in cut(lengths, decoder, batch_size):
        prompts = [corrupt[i] for i in indices]
        tokens, real_lengths = pad(prompts, where)
        real = (torch.arange(tokens.shape[1], device=where) < real_lengths[:, None]).double()
        group = torch.tensor([groups[i] for i in indices], device=where)

        def add(sums: Tensor, x: Tensor, real: Tensor = real, group: Tensor = group) -> Tensor:
            kept = torch.where(_like(real, x) > 0, x.double(), 0.0)
            if over_positions:
                kept = kept.sum(1, keepdim=True)
            sums[:, : kept.shape[1]].index_add_(0, group, kept)
            return sums

        total.zip(runs(prompts), add)
        add(count, torch.ones_like(real))
        step()
    return total.map(lambda t: (t / _like(count.clamp(min=1), t)).to(decoder.sum_dtype))


def _looked_up(means: Values, groups: list[int], batch: Batch) -> Values:
    index = torch.tensor(groups, device=batch.tokens.device)
    width = batch.tokens.shape[1]
    return means.map(lambda t: t[index, :width])


def _zeros(decoder: Decoder) -> Values:
    """Zero for every component, (1, 1, ...)."""
    shape = decoder.shape

    def zeros(*size: int) -> Tensor:
        return torch.zeros(1, 1, *size, dtype=decoder.sum_dtype, device=decoder.device)

    z, residual = zeros(shape.n_heads, shape.d_head), zeros(shape.d_model)
    return Values(residual, (z,) * shape.n_layers, (residual,) * shape.n_layers)


def _like(mask: Tensor, x: Tensor) -> Tensor:
    """(a, b) with as many dimensions as ``x``, to be broadcast over the rest."""
    return mask.reshape(*mask.shape, *[1] * (x.dim() - 2))

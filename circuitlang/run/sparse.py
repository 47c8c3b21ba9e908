"""The sparse executor: plans first, then computes each value once and nothing that stays the same.

Answers what `circuitlang.run.reference` answers. Values are named over all variants of a call by
`circuitlang.plan.values`; each batch of examples runs through one program.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.model.decoder import Decoder
from circuitlang.plan.budget import MEMORY, side_by_side
from circuitlang.plan.classes import Layout, classes_of
from circuitlang.plan.observations import Keep, Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sharing import distinct_variants, grouped, named, reading_of
from circuitlang.plan.values import SparsePlan
from circuitlang.plan.variant import MODEL, removes
from circuitlang.plan.walk import plan_values
from circuitlang.plan.work import bytes_per_example
from circuitlang.run import reference
from circuitlang.run.ablated import constants_of, make_ablator, mean_batches
from circuitlang.run.batch import Batch, make_batches
from circuitlang.run.compile import make_program
from circuitlang.run.packed import run_program
from circuitlang.run.readings import read_variants
from circuitlang.run.sampled import groups_of
from circuitlang.run.tally import Progress, Tally
from circuitlang.run.values import Values
from circuitlang.task.dataset import Dataset


class Constants(NamedTuple):
    """A batch's ablated values; tokens of the same group, (example, position), have the same."""

    values: Values
    groups: Sequence[Sequence[int]]


def run(
    requests: Sequence[Request],
    decoder: Decoder,
    dataset: Dataset,
    *,
    ablation: Ablation,
    seed: int,
    batch_size: int | None = None,
    progress: Progress | None = None,
    memory: int = MEMORY,
    only: Collection[int] | None = None,
    keep: Keep | None = None,
) -> Observations:
    """Answers every request: one number an example, in the dataset's order, or one a sequence.

    Same arguments, same answers and same errors as `circuitlang.run.reference.run`. Attention
    patterns are read in the unmodified model, by the same code. Without ``batch_size``, as many
    examples run side by side as fit into about ``memory`` bytes beside the model; where a single
    one does not fit, the variants run in several parts.
    """
    asked = tuple(dict.fromkeys(requests))
    evaluations = [request for request in asked if isinstance(request, Evaluation)]
    probes = [request for request in asked if not isinstance(request, Evaluation)]
    if not any(removes(request.variant) for request in evaluations):
        ablation = Ablation("zero")
    only = None if only is None else frozenset(only)
    groups = groups_of(evaluations, dataset, only)
    parts = [
        (
            group,
            plan,
            part,
            list(make_batches(dataset, decoder, batch_size or fits, group.indices, only)),
        )
        for group in groups
        for plan, part, fits in plan_parts(group.evaluations, decoder, dataset, memory)
    ]
    means = mean_batches(ablation, decoder, dataset, batch_size) if evaluations else 0
    steps = means + sum(len(batches) for *_, batches in parts)
    probed = 0

    def probing(done: int, total: int) -> None:
        nonlocal probed
        probed = total
        if progress:
            progress(done, total + steps)

    def evaluating(done: int, total: int) -> None:
        if progress:
            progress(probed + done, probed + total)

    found: dict[Request, Observation] = {}
    if probes:
        found |= reference.run(
            probes,
            decoder,
            dataset,
            ablation=ablation,
            seed=seed,
            batch_size=batch_size,
            progress=probing,
            only=only,
            keep=keep,
        )
    if evaluations:
        clusters: dict[Request, tuple[str, ...]] = {
            one: group.clusters for group in groups for one in group.evaluations
        }
        tally = Tally(clusters, steps, evaluating, keep)
        with tally.timing(evaluations):
            ablate = make_ablator(
                ablation, decoder, dataset, seed=seed, batch_size=batch_size, step=tally.step
            )
        for group, plan, part, batches in parts:
            for batch in batches:
                with tally.timing(part):
                    constants = Constants(ablate(batch), constants_of(ablation, batch))
                    answers = run_batch(plan, part, decoder, batch, constants, dataset.metric)
                tally.put(answers, batch.indices, group.places(batch))
                tally.step()
        found |= tally.observations()
    return MappingProxyType({request: found[request] for request in asked})


def plan_parts(
    evaluations: Sequence[Evaluation], decoder: Decoder, dataset: Dataset, memory: int
) -> Iterator[tuple[SparsePlan, Sequence[Evaluation], int]]:
    """Plans, each with its requests and the number of examples that ``memory`` lets run side by
    side: one plan for all, unless not even one example of it fits."""
    if not evaluations:
        return
    plan = plan_dataset(evaluations, decoder, dataset)
    fitting = memory // bytes_per_example(plan, decoder.sum_dtype.itemsize)
    if fitting or len(evaluations) == 1:
        yield plan, evaluations, side_by_side(fitting, decoder.device.type)
        return
    middle = len(evaluations) // 2
    yield from plan_parts(evaluations[:middle], decoder, dataset, memory)
    yield from plan_parts(evaluations[middle:], decoder, dataset, memory)


def plan_dataset(
    evaluations: Sequence[Evaluation], decoder: Decoder, dataset: Dataset
) -> SparsePlan:
    """The sparse plan of the requests' variants on the position classes of the data."""
    with _no_collection():
        return _plan_dataset(evaluations, decoder, dataset)


@contextmanager
def _no_collection() -> Iterator[None]:
    """A plan is many small records and no cycle; a full collection meanwhile goes through all that
    torch and transformers have loaded, which takes a quarter of a second."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _plan_dataset(
    evaluations: Sequence[Evaluation], decoder: Decoder, dataset: Dataset
) -> SparsePlan:
    variants = distinct_variants(evaluations, dataset.metric)
    layouts = [
        Layout(len(one.clean), one.positions, [target.position for target in one.targets])
        for one in dataset.examples
    ]
    return plan_values(variants, decoder.shape, classes_of(layouts, named(variants)))


@torch.no_grad()
def run_batch(
    plan: SparsePlan,
    evaluations: Sequence[Evaluation],
    decoder: Decoder,
    batch: Batch,
    constants: Constants,
    metric: str,
) -> dict[Request, list[float]]:
    """One number an example of the batch for each request: the mean over its targets."""
    counts = [len(example.targets) for example in batch.examples]
    if not all(counts):
        raise ValueError("an example has no target to read")
    read = (batch.row_examples.tolist(), batch.row_positions.tolist())
    program = make_program(plan, batch.indices, read, constants.groups, decoder.device)
    rows = run_program(decoder, program, batch.tokens, constants.values)
    place = {variant: i for i, variant in enumerate(plan.variants)}
    by_reading = grouped(evaluations, lambda request: reading_of(request, metric))
    found: dict[Evaluation, Tensor] = {}
    for reading, group in by_reading.items():
        of_variants = rows[[place[request.variant] for request in group]]
        model_rows = rows[place[MODEL]] if reading == "kl" else rows[0]
        values = read_variants(decoder, reading, of_variants, batch.targets, model_rows).cpu()
        found |= dict(zip(group, values, strict=True))
    return {
        request: [float(part.mean()) for part in torch.split(found[request], counts)]
        for request in evaluations
    }

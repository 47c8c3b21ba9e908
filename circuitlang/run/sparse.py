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
from circuitlang.plan.ablations import by_ablation, runs_of
from circuitlang.plan.budget import MEMORY, RECORDINGS, side_by_side
from circuitlang.plan.classes import Layout, classes_of
from circuitlang.plan.observations import Keep, Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sharing import distinct_variants, grouped, named, reading_of
from circuitlang.plan.values import SparsePlan
from circuitlang.plan.variant import MODEL
from circuitlang.plan.walk import plan_values
from circuitlang.plan.work import bytes_per_example
from circuitlang.run import reference
from circuitlang.run.ablated import constants_of, make_ablators, mean_batches
from circuitlang.run.batch import Batch, make_batches
from circuitlang.run.compile import make_program
from circuitlang.run.packed import run_program
from circuitlang.run.readings import read_variants
from circuitlang.run.sampled import Group, groups_of
from circuitlang.run.tally import Progress, Tally
from circuitlang.run.values import Values
from circuitlang.task.dataset import Dataset


class Constants(NamedTuple):
    """A batch's ablated values; tokens of the same group, (example, position), have the same."""

    values: Values
    groups: Sequence[Sequence[int]]


class Part(NamedTuple):
    """A plan for some requests under one ablation, and how many examples may run side by side."""

    ablation: Ablation
    plan: SparsePlan
    evaluations: Sequence[Evaluation]
    fits: int


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
    one does not fit, the variants run in several parts. Each ablation is a part of its own. All
    parts go through the same batches, and what KL compares with is computed in the first.
    """
    asked = tuple(dict.fromkeys(requests))
    evaluations = [request for request in asked if isinstance(request, Evaluation)]
    probes = [request for request in asked if not isinstance(request, Evaluation)]
    ablations = by_ablation(evaluations, ablation)
    kept = min(RECORDINGS, memory // 2) if len(ablations) > 1 else 0
    only = None if only is None else frozenset(only)
    groups = groups_of(evaluations, dataset, only)
    work: list[tuple[Group, list[Part], list[Batch]]] = []
    for group in groups:
        parts = list(_parts(group, decoder, dataset, ablation, memory - kept))
        fits = batch_size or min(part.fits for part in parts)
        batches = list(make_batches(dataset, decoder, fits, group.indices, only))
        work.append((group, parts, batches))
    steps = sum(mean_batches(one, decoder, dataset, batch_size) for one in ablations)
    steps += sum(len(parts) * len(batches) for _, parts, batches in work)
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
            ablators = make_ablators(
                ablations,
                decoder,
                dataset,
                seed=seed,
                batch_size=batch_size,
                step=tally.step,
                keep=kept,
            )
        for group, parts, batches in work:
            for batch in batches:
                model: Tensor | None = None
                sent: tuple[Ablation, Constants] | None = None
                for part in parts:
                    with tally.timing(part.evaluations):
                        if sent is None or sent[0] != part.ablation:
                            values = ablators[part.ablation](batch)
                            sent = (
                                part.ablation,
                                Constants(values, constants_of(part.ablation, batch)),
                            )
                        plan = part.plan
                        rows = run_plan(plan, decoder, batch, sent[1])
                        if model is None and MODEL in plan.variants:
                            model = rows[plan.variants.index(MODEL)]
                        answers = read_batch(
                            plan, part.evaluations, rows, decoder, batch, dataset.metric, model
                        )
                    tally.put(answers, batch.indices, group.places(batch))
                    tally.step()
        found |= tally.observations()
    return MappingProxyType({request: found[request] for request in asked})


def _parts(
    group: Group, decoder: Decoder, dataset: Dataset, ablation: Ablation, memory: int
) -> Iterator[Part]:
    """Those of one ablation one after the other; the first has the unmodified model where anything
    is compared with it, and no other has it for that alone."""
    for run_ in runs_of(group.evaluations, ablation, dataset.metric):
        for plan, part, fits in plan_parts(run_.requests, decoder, dataset, memory, run_.model):
            yield Part(run_.ablation, plan, part, fits)


def plan_parts(
    evaluations: Sequence[Evaluation],
    decoder: Decoder,
    dataset: Dataset,
    memory: int,
    model: bool,
) -> Iterator[tuple[SparsePlan, Sequence[Evaluation], int]]:
    """Plans, each with its requests and the number of examples that ``memory`` lets run side by
    side: one plan for all, unless not even one example of it fits. The first has the unmodified
    model among its variants if ``model`` is set."""
    plan = plan_dataset(evaluations, decoder, dataset, model)
    fitting = memory // bytes_per_example(plan, decoder.sum_dtype.itemsize)
    if fitting or len(evaluations) == 1:
        yield plan, evaluations, side_by_side(fitting, decoder.device.type)
        return
    middle = len(evaluations) // 2
    yield from plan_parts(evaluations[:middle], decoder, dataset, memory, model)
    yield from plan_parts(evaluations[middle:], decoder, dataset, memory, False)


def plan_dataset(
    evaluations: Sequence[Evaluation],
    decoder: Decoder,
    dataset: Dataset,
    model: bool | None = None,
) -> SparsePlan:
    """The sparse plan of the requests' variants on the position classes of the data; see
    `distinct_variants` for ``model``."""
    with _no_collection():
        return _plan_dataset(evaluations, decoder, dataset, model)


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
    evaluations: Sequence[Evaluation], decoder: Decoder, dataset: Dataset, model: bool | None
) -> SparsePlan:
    variants = distinct_variants(evaluations, dataset.metric, model)
    layouts = [
        Layout(len(one.clean), one.positions, [target.position for target in one.targets])
        for one in dataset.examples
    ]
    return plan_values(variants, decoder.shape, classes_of(layouts, named(variants)))


def run_plan(plan: SparsePlan, decoder: Decoder, batch: Batch, constants: Constants) -> Tensor:
    """What the metric reads of every variant of the plan, after the final norm: (variant, row,
    d_model)."""
    if not all(example.targets for example in batch.examples):
        raise ValueError("an example has no target to read")
    read = (batch.row_examples.tolist(), batch.row_positions.tolist())
    program = make_program(plan, batch.indices, read, constants.groups, decoder.device)
    return run_program(decoder, program, batch.tokens, constants.values)


@torch.no_grad()
def read_batch(
    plan: SparsePlan,
    evaluations: Sequence[Evaluation],
    rows: Tensor,
    decoder: Decoder,
    batch: Batch,
    metric: str,
    model: Tensor | None = None,
) -> dict[Request, list[float]]:
    """One number an example of the batch for each request: the mean over its targets. ``rows`` are
    those of `run_plan`, ``model`` those of the unmodified model, (row, d_model), which KL needs."""
    counts = [len(example.targets) for example in batch.examples]
    place = {variant: i for i, variant in enumerate(plan.variants)}
    by_reading = grouped(evaluations, lambda request: reading_of(request, metric))
    found: dict[Evaluation, Tensor] = {}
    for reading, group in by_reading.items():
        of_variants = rows[[place[request.variant] for request in group]]
        model_rows = rows[0] if model is None else model
        values = read_variants(decoder, reading, of_variants, batch.targets, model_rows).cpu()
        found |= dict(zip(group, values, strict=True))
    return {
        request: [float(piece.mean()) for piece in torch.split(found[request], counts)]
        for request in evaluations
    }

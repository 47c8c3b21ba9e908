"""The reference executor: short and obvious, the yardstick of every faster one.

Node variants run the model's own modules under hooks; edge variants run the decoder taken apart.
Variants share nothing but the ablated values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder
from circuitlang.plan.ablations import by_ablation
from circuitlang.plan.budget import RECORDINGS
from circuitlang.plan.observations import Keep, Observations
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.sharing import grouped
from circuitlang.plan.variant import MODEL, Variant
from circuitlang.plan.versions import versions
from circuitlang.run.ablated import make_ablators, mean_batches
from circuitlang.run.batch import Batch, cut, make_batches, within
from circuitlang.run.composition import read_composition
from circuitlang.run.edges import run_edges
from circuitlang.run.nodes import run_nodes
from circuitlang.run.probes import read_data, read_repeated
from circuitlang.run.readings import read_targets
from circuitlang.run.sampled import groups_of
from circuitlang.run.tally import Progress, Tally
from circuitlang.run.values import Values
from circuitlang.task.dataset import Dataset, Tokens
from circuitlang.task.repeated import repeated_blocks


def run(
    requests: Sequence[Request],
    decoder: Decoder,
    dataset: Dataset,
    *,
    ablation: Ablation,
    seed: int,
    batch_size: int | None = None,
    progress: Progress | None = None,
    only: Collection[int] | None = None,
    keep: Keep | None = None,
) -> Observations:
    """Answers every request: one number an example, in the dataset's order, or one a sequence.

    Removed components send what ``ablation`` says, or what the request itself does: one call may
    hold requests under several ablations. Those of a batch share the run of the unmodified model.

    ``batch_size`` examples run side by side, or as many as bounded memory allows; it changes
    nothing beyond rounding. ``seed`` draws resampled donors and random tokens. ``progress`` is
    called with the units of work done and the units in all.

    ``only`` names the examples (or sequences) to be answered; the others are left out of every
    answer, but means and donors still come from all. ``keep`` is called after each batch with its
    numbers, request by request, and the indices of its examples, so that they outlive an
    interruption.

    Raises ValueError for requests that the model or the data cannot answer: a node that is not
    there, an example without the corruption, one alone in its template under resample ablation, a
    sequence longer than the model's context.
    """
    asked = tuple(dict.fromkeys(requests))
    evaluations = [request for request in asked if isinstance(request, Evaluation)]
    of_data = [request for request in asked if isinstance(request, Attention | Copying)]
    # Requests that read the same sequences, and those of the same number of draws, go together.
    repeated = grouped(
        (request for request in asked if isinstance(request, RepeatedTokens)),
        lambda one: (one.length, one.examples),
    )
    compositions = grouped(
        (request for request in asked if isinstance(request, Composition)), lambda one: one.draws
    )
    _check_nodes([head for request in asked for head in _heads(request)], decoder)
    sequences = {
        (length, examples): _sequences(decoder, length, examples, seed)
        for length, examples in repeated
    }
    only = None if only is None else frozenset(only)
    groups = groups_of(evaluations, dataset, only)
    parts = [
        (
            group,
            by_ablation(group.evaluations, ablation),
            list(make_batches(dataset, decoder, batch_size, group.indices, only)),
        )
        for group in groups
    ]
    ablations = by_ablation(evaluations, ablation)
    whole = list(make_batches(dataset, decoder, batch_size, None, only)) if of_data else []
    means = sum(mean_batches(one, decoder, dataset, batch_size) for one in ablations)
    passes = len(whole) + len(compositions)
    passes += sum(
        len(batches) * len(_by_variant(of_ablation))
        for _, asks, batches in parts
        for of_ablation in asks.values()
    )
    chunks = {
        key: within(only, cut([len(ids) for ids in made], decoder, batch_size))
        for key, made in sequences.items()
    }
    clusters = {request: group.clusters for group in groups for request in group.evaluations}
    tally = Tally(
        {request: _clusters(request, dataset, sequences, only) for request in asked} | clusters,
        means + passes + sum(map(len, chunks.values())),
        progress,
        keep,
    )

    with tally.timing(evaluations):
        ablators = make_ablators(
            ablations,
            decoder,
            dataset,
            seed=seed,
            batch_size=batch_size,
            step=tally.step,
            keep=RECORDINGS,
        )
    for group, asks, batches in parts:
        for batch in batches:
            model_rows: Tensor | None = None
            for of_ablation, same in asks.items():
                with tally.timing(same):
                    ablated = ablators[of_ablation](batch)
                    if model_rows is None:
                        model_rows = run_variant(decoder, batch, MODEL, ablated)
                found = dict[Request, Sequence[float]]()
                for variant, of_variant in _by_variant(same).items():
                    with tally.timing(of_variant):
                        rows = model_rows
                        if variant != MODEL:
                            rows = run_variant(decoder, batch, variant, ablated)
                        both = rows, model_rows
                        for one in of_variant:
                            found[one] = _read(decoder, batch, one, dataset.metric, both)
                    tally.step()
                tally.put(found, batch.indices, group.places(batch))
    for batch in whole:
        with tally.timing(of_data):
            seen = read_data(decoder, of_data, batch)
        tally.put(seen, batch.indices, _places(batch.indices, only))
        tally.step()
    for key, probes in repeated.items():
        for indices in chunks[key]:
            with tally.timing(probes):
                blocks = [sequences[key][i] for i in indices]
                attended = read_repeated(decoder, probes, blocks)
            tally.put(attended, indices, _places(indices, only))
            tally.step()
    for count, pairs in compositions.items():
        draws = sorted(range(count) if only is None else only)
        with tally.timing(pairs):
            composed = read_composition(decoder, pairs, draws)
        tally.put(composed, draws, _places(draws, only))
        tally.step()
    return tally.observations()


def run_variant(decoder: Decoder, batch: Batch, variant: Variant, ablated: Values) -> Tensor:
    """What the metric reads of one variant, after the final norm: (row, d_model)."""
    run_it = run_nodes if _by_nodes(variant, decoder) else run_edges
    return run_it(decoder, batch, variant, ablated)


def _by_nodes(variant: Variant, decoder: Decoder) -> bool:
    """Whether all edges of a node carry the same, in the variant and in what it takes values
    from."""
    return versions(variant, decoder.shape).by_nodes and all(
        _by_nodes(other, decoder) for other in set(variant.nested)
    )


def _read(
    decoder: Decoder, batch: Batch, request: Evaluation, metric: str, rows: tuple[Tensor, Tensor]
) -> list[float]:
    """One number an example of the batch: the mean over its targets. ``rows`` are those of the
    variant and of the model."""
    reading = metric if request.reading == "metric" else request.reading
    of_targets = read_targets(decoder, reading, rows[0], batch.targets, rows[1]).cpu()
    counts = [len(example.targets) for example in batch.examples]
    if not all(counts):
        raise ValueError("an example has no target to read")
    return [float(part.mean()) for part in torch.split(of_targets, counts)]


def _by_variant(evaluations: Iterable[Evaluation]) -> dict[Variant, list[Evaluation]]:
    return grouped(evaluations, lambda one: one.variant)


def _heads(request: Request) -> tuple[Node, ...]:
    """The heads that have to be there."""
    match request:
        case Evaluation():
            return ()
        case Composition(source=source, target=target):
            return source, target
        case _:
            return (request.head,)


def _sequences(decoder: Decoder, length: int, examples: int, seed: int) -> tuple[Tokens, ...]:
    if 2 * length > decoder.shape.context:
        raise ValueError(f"two blocks of {length} tokens do not fit into the model's context")
    return repeated_blocks(decoder.tokenizer, length, 2, examples, seed)


def _clusters(
    request: Request,
    dataset: Dataset,
    sequences: dict[tuple[int, int], tuple[Tokens, ...]],
    only: Collection[int] | None,
) -> tuple[str, ...]:
    """What examples share: their template. Random sequences and draws share nothing."""
    names = dataset.templates
    if isinstance(request, RepeatedTokens):
        made = sequences[request.length, request.examples]
        names = tuple(f"sequence {i}" for i in range(len(made)))
    elif isinstance(request, Composition):
        names = tuple(f"draw {i}" for i in range(request.draws))
    return names if only is None else tuple(names[i] for i in sorted(only))


def _places(indices: Sequence[int], only: Collection[int] | None) -> Sequence[int]:
    """Where in an answer to ``only`` the numbers of the examples ``indices`` stand."""
    if only is None:
        return indices
    place = {index: i for i, index in enumerate(sorted(only))}
    return [place[index] for index in indices]


def _check_nodes(nodes: Iterable[Node], decoder: Decoder) -> None:
    for node in nodes:
        if node.kind != "head" or not decoder.shape.has(node):
            raise ValueError(f"{node} is no attention head of a model of this shape")

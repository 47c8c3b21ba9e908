"""The reference executor: short and obvious, the yardstick of every faster one.

Node variants run the model's own modules under hooks; edge variants run the decoder taken apart.
Variants share nothing but the ablated values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Attention, Evaluation, RepeatedTokens, Request
from circuitlang.plan.variant import MODEL, Variant, removes
from circuitlang.plan.versions import versions
from circuitlang.run.ablated import make_ablator, mean_batches
from circuitlang.run.batch import Batch, cut, make_batches
from circuitlang.run.edges import run_edges
from circuitlang.run.nodes import run_nodes
from circuitlang.run.probes import read_attention, read_repeated
from circuitlang.run.readings import read_targets
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
) -> Observations:
    """Answers every request: one number an example, in the dataset's order, or one a sequence.

    ``batch_size`` examples run side by side, or as many as bounded memory allows; it changes
    nothing beyond rounding. ``seed`` draws resampled donors and random tokens. ``progress`` is
    called with the units of work done and the units in all.

    Raises ValueError for requests that the model or the data cannot answer: a node that is not
    there, an example without the corruption, one alone in its template under resample ablation, a
    sequence longer than the model's context.
    """
    asked = tuple(dict.fromkeys(requests))
    evaluations = [request for request in asked if isinstance(request, Evaluation)]
    attentions = [request for request in asked if isinstance(request, Attention)]
    repeated = _by_sequences(request for request in asked if isinstance(request, RepeatedTokens))
    _check_nodes(
        [request.head for request in asked if not isinstance(request, Evaluation)], decoder
    )
    sequences = {
        (length, examples): _sequences(decoder, length, examples, seed)
        for length, examples in repeated
    }
    variants = list(dict.fromkeys(request.variant for request in evaluations))
    if not any(map(removes, variants)):
        ablation = Ablation("zero")

    batches = list(make_batches(dataset, decoder, batch_size))
    means = mean_batches(ablation, decoder, dataset, batch_size)
    passes = len(batches) * (len(variants) + bool(attentions))
    chunks = {
        key: cut([len(ids) for ids in made], decoder, batch_size) for key, made in sequences.items()
    }
    tally = Tally(
        {request: _clusters(request, dataset, sequences) for request in asked},
        means + passes + sum(map(len, chunks.values())),
        progress,
    )

    with tally.timing(evaluations):
        ablate = make_ablator(
            ablation, decoder, dataset, seed=seed, batch_size=batch_size, step=tally.step
        )
    for batch in batches:
        if evaluations:
            with tally.timing(evaluations):
                ablated = ablate(batch)
                model_rows = run_variant(decoder, batch, MODEL, ablated)
            for variant in variants:
                of_variant = [one for one in evaluations if one.variant == variant]
                with tally.timing(of_variant):
                    rows = (
                        model_rows
                        if variant == MODEL
                        else run_variant(decoder, batch, variant, ablated)
                    )
                    for one in of_variant:
                        values = _read(decoder, batch, one, dataset.metric, (rows, model_rows))
                        tally.put(one, batch.indices, values)
                tally.step()
        if attentions:
            with tally.timing(attentions):
                for attention, values in read_attention(decoder, attentions, batch).items():
                    tally.put(attention, batch.indices, values)
            tally.step()
    for key, group in repeated.items():
        for indices in chunks[key]:
            with tally.timing(group):
                blocks = [sequences[key][i] for i in indices]
                for probe, values in read_repeated(decoder, group, blocks).items():
                    tally.put(probe, indices, values)
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


def _by_sequences(
    requests: Iterable[RepeatedTokens],
) -> dict[tuple[int, int], list[RepeatedTokens]]:
    """Requests that read the same sequences, together."""
    groups: dict[tuple[int, int], list[RepeatedTokens]] = {}
    for request in requests:
        groups.setdefault((request.length, request.examples), []).append(request)
    return groups


def _sequences(decoder: Decoder, length: int, examples: int, seed: int) -> tuple[Tokens, ...]:
    if 2 * length > decoder.shape.context:
        raise ValueError(f"two blocks of {length} tokens do not fit into the model's context")
    return repeated_blocks(decoder.tokenizer, length, 2, examples, seed)


def _clusters(
    request: Request, dataset: Dataset, sequences: dict[tuple[int, int], tuple[Tokens, ...]]
) -> tuple[str, ...]:
    """What examples share: their template. Random sequences share nothing."""
    if isinstance(request, RepeatedTokens):
        made = sequences[request.length, request.examples]
        return tuple(f"sequence {i}" for i in range(len(made)))
    return dataset.templates


def _check_nodes(nodes: Iterable[Node], decoder: Decoder) -> None:
    for node in nodes:
        if node.kind != "head" or not decoder.shape.has(node):
            raise ValueError(f"{node} is no attention head of a model of this shape")

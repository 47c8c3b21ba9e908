"""Before anything is measured: does taking this very model apart change what it computes?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, feeds
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.decoder import Decoder
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.run.ablated import make_ablator
from circuitlang.run.batch import make_batches, pad
from circuitlang.run.reference import run_variant
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import NOWHERE
from circuitlang.task.dataset import Dataset, Example

# Largest difference allowed, as a share of the largest number compared (of 1 at the least).
# bfloat16 keeps 8 bits; transformers rounds the stream after every block, we sum in float32.
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.bfloat16: 5e-2}

_MOST_EDGES = 20_000
_MOST_TOKENS = 100
_CORRUPTION = "preflight"

Finding = tuple[str, Tensor, Tensor]  # what is compared, ours, transformers'


def preflight(decoder: Decoder, dataset: Dataset, *, examples: int = 4) -> tuple[Diagnostic, ...]:
    """Compares both forwards on the first ``examples`` examples, fewer if they are long; empty
    where they agree.

    Layer by layer: the sum of our components is the residual stream that transformers has there.
    Then the logits; the full circuit at both granularities, which has to be the model; the empty
    circuit at both, which under counterfactual ablation has to be the model on the corrupt prompts.
    Codes: preflight-failed, at the first place where they part; tokenizer-mismatch.
    """
    few = _with_corruption(replace(dataset, examples=_first(dataset.examples, examples)))
    if problem := _outside_vocabulary(decoder, few):
        return (problem,)
    tolerance = TOLERANCE[decoder.dtype]
    for what, ours, theirs in _comparisons(decoder, few):
        scale = max(1.0, float(theirs.abs().max())) if theirs.numel() else 1.0
        apart = (
            float((ours.double() - theirs.double()).abs().max()) / scale if ours.numel() else 0.0
        )
        if not apart <= tolerance:
            return (
                Diagnostic(
                    "preflight-failed",
                    f"{what} differs from what transformers computes by {apart:.2g} of its scale, "
                    f"and {tolerance:g} is allowed in {str(decoder.dtype).removeprefix('torch.')}",
                    NOWHERE,
                    note="the model is not what its family's record says; nothing was measured",
                ),
            )
    return ()


def _first(examples: Sequence[Example], most: int) -> tuple[Example, ...]:
    """The first examples, at least one, up to `_MOST_TOKENS` tokens: a forward by edges sums every
    source for every port, and what is wrong with a model shows on any prompt."""
    lengths = accumulate(len(one.clean) for one in examples[:most])
    fitting = sum(length <= _MOST_TOKENS for length in lengths)
    return tuple(examples[: max(1, fitting)])


@torch.no_grad()
def _comparisons(decoder: Decoder, dataset: Dataset) -> Iterator[Finding]:
    yield from _streams(decoder, dataset)
    ablation = Ablation("counterfactual", _CORRUPTION)
    ablate = make_ablator(ablation, decoder, dataset, seed=0)
    for batch in make_batches(dataset, decoder):
        ablated = ablate(batch)
        model = decoder.unembed(batch.rows(decoder.run(batch.tokens, batch.lengths)))
        corrupt, lengths = pad([one.corrupt[_CORRUPTION] for one in batch.examples], decoder.device)
        empty = decoder.unembed(batch.rows(decoder.run(corrupt, lengths)))
        for name, variant, expected in (
            ("the full circuit by nodes", _full_by_nodes(decoder.shape), model),
            ("the full circuit by edges", _full_by_edges(decoder.shape), model),
            ("the empty circuit by nodes", Variant(Version.ABLATED), empty),
            ("the empty circuit by edges", _empty_by_edges(), empty),
        ):
            ours = decoder.unembed(run_variant(decoder, batch, variant, ablated))
            yield f"{name}: its logits", ours, expected


def _streams(decoder: Decoder, dataset: Dataset) -> Iterator[Finding]:
    """Each layer's residual stream, then the logits; real tokens only, (token, d_model)."""
    for batch in make_batches(dataset, decoder):
        width = batch.tokens.shape[1]
        real = torch.arange(width, device=decoder.device) < batch.lengths[:, None]
        theirs, logits = _theirs(decoder, batch.tokens, real)
        stream = decoder.embed(batch.tokens)
        for layer, entering in enumerate(theirs):
            place = f"the residual stream that enters layer {layer}"
            yield place, stream[real], entering[real]
            q, k, v = (decoder.read(layer, port, stream) for port in PORTS)
            z, _ = decoder.attend(layer, q, k, v)
            stream = stream + decoder.write(layer, z).sum(2) + decoder.output_bias(layer)
            stream = stream + decoder.mlp(layer, stream)
        yield (
            "the model taken apart: its logits",
            decoder.unembed(decoder.final(stream[real])),
            logits[real],
        )


def _theirs(decoder: Decoder, tokens: Tensor, real: Tensor) -> tuple[list[Tensor], Tensor]:
    """What transformers computes by itself: the hidden state that each block gets, (batch,
    position, d_model) each, and the logits."""
    found: list[Tensor] = []
    handles = [
        block.register_forward_pre_hook(lambda _, arguments: found.append(arguments[0]))
        for block in decoder.blocks
    ]
    try:
        logits = decoder.model(input_ids=tokens, attention_mask=real.long()).logits
    finally:
        for handle in handles:
            handle.remove()
    return found, logits


def _with_corruption(dataset: Dataset) -> Dataset:
    """Every example with its prompt reversed as a corruption: tokens of the model's own vocabulary,
    as many of them, in a run as unlike as can be had without asking the task."""
    return replace(
        dataset,
        examples=tuple(
            replace(one, corrupt={_CORRUPTION: one.clean[::-1]}) for one in dataset.examples
        ),
    )


def _full_by_nodes(shape: ModelShape) -> Variant:
    live = (Override(node, EVERYWHERE, Version.LIVE) for node in shape.nodes if node != LOGITS)
    return Variant(Version.ABLATED, tuple(live))


def _full_by_edges(shape: ModelShape) -> Variant:
    """Every edge live because it says so, its source being ablated otherwise. In a model with very
    many edges only those of some sources, spread over the layers; the other sources are live."""
    nodes = shape.nodes
    sources = [node for node in nodes if node != LOGITS]
    many = sum(len(target.ports) for target in nodes for one in sources if feeds(one, target))
    chosen = sources[:: 1 + many // _MOST_EDGES]
    cut_off = (Override(node, EVERYWHERE, Version.ABLATED) for node in sorted(chosen))
    kept = (
        Override(Edge(source, target, port), EVERYWHERE, Version.LIVE)
        for target in nodes
        for port in target.ports
        for source in chosen
        if feeds(source, target)
    )
    return Variant(Version.LIVE, (*cut_off, *kept))


def _empty_by_edges() -> Variant:
    # An override that changes nothing: it only says at which granularity to run.
    return Variant(Version.ABLATED, (Override(Edge(INPUT, LOGITS), EVERYWHERE, Version.ABLATED),))


def _outside_vocabulary(decoder: Decoder, dataset: Dataset) -> Diagnostic | None:
    """Tokens that the model has no embedding for: its tokenizer belongs to another model."""
    size = decoder.shape.vocab_size
    largest = max((max(one.clean) for one in dataset.examples if one.clean), default=0)
    if largest < size:
        return None
    return Diagnostic(
        "tokenizer-mismatch",
        f"the tokenizer makes token {largest:,}, and the model has {size:,} embeddings",
        NOWHERE,
        help="the folder's `tokenizer.json` belongs to another model",
    )

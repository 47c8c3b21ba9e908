"""What a plan costs when every variant is a whole forward pass, and what is left of that when each
value is computed once: what `verify --dry-run` prints. Arithmetic on the model's shape; nothing is
loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from circuitlang.circuit.circuit import Ablation, Circuit, GeneratedData, PromptData
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.ablations import Run, runs_of
from circuitlang.plan.classes import Layout, classes_of
from circuitlang.plan.layouts import estimated_layouts
from circuitlang.plan.matrix_cost import MatrixCost, matrix_cost
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.plan import Plan
from circuitlang.plan.request import Attention, Copying, Evaluation, RepeatedTokens
from circuitlang.plan.sample import Sample, sample_of
from circuitlang.plan.sensitivity import Matrix
from circuitlang.plan.sharing import FEW_LOGITS, distinct_variants, grouped, named, reading_of
from circuitlang.plan.variant import MODEL, Variant, removes
from circuitlang.plan.walk import plan_values
from circuitlang.plan.work import bytes_per_example, mlp_matrices, work_of

FORMULA = "FLOPs = 2 × matrix parameters × tokens (Kaplan et al. 2020, arXiv:2001.08361, sec. 2.1)"

_SIZES = {"float64": 8}  # streams are float32 otherwise


@dataclass(frozen=True)
class SparseCost:
    """What the sparse executor computes: ``head_rows`` and ``mlp_rows`` are evaluations of one
    component at one token, over all variants and examples. ``flops`` includes the corrupt run, the
    logits that are read and the passes for attention patterns. ``passes`` is the same work in
    forward passes of one example. ``bytes_per_example`` bounds what one example of a batch takes.
    """

    head_rows: int
    mlp_rows: int
    flops: float
    passes: float
    bytes_per_example: int


@dataclass(frozen=True)
class Cost:
    """``variants`` counts distinct variants, the unmodified model among them where anything reads
    it. ``passes`` counts forward passes of one example: each variant and, unless ablation is
    ``zero``, the corrupt run, on every example, and one a sequence of repeated tokens.
    ``tokens`` is their total length and ``flops`` their cost; both None where the plan cannot
    know how long a prompt is. ``claims`` maps each claim to its number of requests. ``sparse`` is
    None where the shape of the model or of the prompts is not known.

    ``random`` variants are of random circuits, on ``random_examples`` each. A search asks for more
    once its first round is answered: at most ``searched`` variants in all, on ``searched_examples``
    each, which the other numbers do not count beyond the first round. ``matrix`` is what the cells
    of a sensitivity matrix take, which the other numbers include. With ``looks``, their numbers of
    examples, everything is counted for the last, and the first takes ``first_passes``.
    """

    requests: int
    variants: int
    examples: int
    passes: int
    tokens_per_example: int | None
    parameters: int | None
    tokens: int | None
    flops: float | None
    claims: Mapping[str, int]
    sparse: SparseCost | None = None
    random: int = 0
    random_examples: int = 0
    searched: int = 0
    searched_examples: int = 0
    matrix: MatrixCost | None = None
    looks: tuple[int, ...] = ()
    first_passes: int = 0
    formula: str = FORMULA


def describe(
    plan: Plan,
    circuit: Circuit,
    tokens_per_example: int | None = None,
    matrix: Matrix | None = None,
) -> Cost:
    """The cost of a plan, run naively.

    ``tokens_per_example`` overrides the estimate from the task: one token a word of the longest
    template, or the length of a generated sequence. With a ``matrix``, its cells are part of the
    plan.
    """
    if matrix is not None:
        requests = dict.fromkeys((*plan.requests, *matrix.requests()))
        plan = replace(plan, requests=tuple(requests))
    length = tokens_per_example or estimated_tokens(circuit)
    by_sample = _by_sample(plan, circuit)
    variants = {variant for group in by_sample.values() for variant in group}
    corrupt = any(ablation is not None and ablation.kind != "zero" for _, ablation in variants)
    total = circuit.policy.examples
    runs = sum(sample.size(total) * len(group) for sample, group in by_sample.items())
    runs += corrupt * total
    # All heads of one pass over random tokens are read at once.
    repeated = {
        (r.length, r.examples): 2 * r.length * r.examples
        for r in plan.requests
        if isinstance(r, RepeatedTokens)
    }
    tokens = None if length is None and runs else runs * (length or 0) + sum(repeated.values())
    parameters = matrix_parameters(circuit.shape) if circuit.shape else None
    searched = sum(
        MEASURES[claim.measure.name].most_searched(circuit, claim.measure.arguments)
        for claim in circuit.claims
        if claim.name in plan.needs
    )
    return Cost(
        requests=len(plan.requests),
        variants=len(variants),
        examples=total,
        passes=runs + sum(examples for _, examples in repeated),
        tokens_per_example=length,
        parameters=parameters,
        tokens=tokens,
        flops=None if tokens is None or parameters is None else 2.0 * parameters * tokens,
        claims={claim: len(reads) for claim, reads in plan.needs.items()},
        sparse=_sparse(plan, circuit),
        random=sum(len(group) for sample, group in by_sample.items() if sample.examples),
        random_examples=max(
            (sample.size(total) for sample in by_sample if sample.examples), default=0
        ),
        searched=searched,
        searched_examples=Sample(half="search").size(total) if searched else 0,
        matrix=None if matrix is None else matrix_cost(matrix),
    )


def describe_looks(plan: Plan, circuit: Circuit, looks: Sequence[int]) -> Cost:
    """The most that looks at so many examples may cost, run naively: every claim goes on to the
    last. What is known at one look is not run again at the next, but for a mean over the corrupt
    prompts, which each look takes over all of them."""
    first, last = (
        describe(plan, replace(circuit, policy=replace(circuit.policy, examples=examples)))
        for examples in (looks[0], looks[-1])
    )
    ablated = any(isinstance(r, Evaluation) and removes(r.variant) for r in plan.requests)
    if not ablated or circuit.policy.ablation.kind != "mean":
        return replace(last, looks=tuple(looks), first_passes=first.passes)
    more = (len(looks) - 1) * looks[-1]
    return replace(
        last,
        looks=tuple(looks),
        first_passes=first.passes + looks[-1] - looks[0],
        passes=last.passes + more,
        tokens=None if last.tokens is None else last.tokens + more * (last.tokens_per_example or 0),
    )


def _by_sample(
    plan: Plan, circuit: Circuit
) -> Mapping[Sample, frozenset[tuple[Variant, Ablation | None]]]:
    """The distinct variants that run on each part of the examples, each with its ablation where it
    removes anything; patterns of attention are read in the model on all of them."""
    found: dict[Sample, list[Evaluation]] = {}
    for request in plan.requests:
        if isinstance(request, Evaluation):
            found.setdefault(sample_of(request), []).append(request)
        elif isinstance(request, Attention | Copying):
            found.setdefault(Sample(), []).append(Evaluation(MODEL))
    metric, policy = circuit.task.metric.name, circuit.policy.ablation
    return {
        key: frozenset(
            (variant, run.ablation if removes(variant) else None)
            for run in runs_of(group, policy, metric)
            for variant in distinct_variants(run.requests, metric, run.model)
        )
        for key, group in found.items()
    }


def _sparse(plan: Plan, circuit: Circuit) -> SparseCost | None:
    """On one example a template, in proportion to the number of examples."""
    shape, layouts = circuit.shape, estimated_layouts(circuit)
    if shape is None or not layouts:
        return None
    groups = grouped((one for one in plan.requests if isinstance(one, Evaluation)), sample_of)
    metric, policy = circuit.task.metric.name, circuit.policy.ablation
    tokens = sum(layout.length for layout in layouts)
    parts = [
        _sparse_part(circuit, shape, layouts, run, sample.size(circuit.policy.examples))
        for sample, group in groups.items()
        for run in runs_of(group, policy, metric)
    ]
    # The corrupt prompts, and patterns of attention, are run whole on all examples.
    corrupt = any(
        removes(one.variant) and (one.ablation or policy).kind != "zero"
        for group in groups.values()
        for one in group
    )
    passes = int(corrupt)
    passes += any(isinstance(request, Attention) for request in plan.requests)
    whole = tokens * circuit.policy.examples / len(layouts)
    flops = sum(part.flops for part in parts)
    flops += _copying(plan, shape, layouts, tokens) * circuit.policy.examples / len(layouts)
    flops += 2.0 * block_parameters(shape) * passes * whole
    flops += sum(
        2.0 * block_parameters(shape) * 2 * length * examples
        for length, examples in {
            (r.length, r.examples) for r in plan.requests if isinstance(r, RepeatedTokens)
        }
    )
    return SparseCost(
        head_rows=sum(part.head_rows for part in parts),
        mlp_rows=sum(part.mlp_rows for part in parts),
        flops=flops,
        passes=flops / (2.0 * matrix_parameters(shape) * tokens / len(layouts)),
        bytes_per_example=max((part.bytes_per_example for part in parts), default=0),
    )


def _copying(plan: Plan, shape: ModelShape, layouts: Sequence[Layout], tokens: int) -> float:
    """One layer of the model for all, and for each head the logits of each word; on one example a
    template."""
    asked = [request for request in plan.requests if isinstance(request, Copying)]
    if not asked:
        return 0.0
    layer = block_parameters(shape) / shape.n_layers
    words = sum(
        len({i for name in request.positions for i in layout.positions.get(name, ())})
        for request in {one._replace(top=1) for one in asked}
        for layout in layouts
    )
    return 2.0 * (layer * tokens + shape.d_model * shape.vocab_size * words)


class _Part(NamedTuple):
    head_rows: int
    mlp_rows: int
    flops: float
    bytes_per_example: int


def _sparse_part(
    circuit: Circuit,
    shape: ModelShape,
    layouts: Sequence[Layout],
    run: Run,
    examples: int,
) -> _Part:
    """Evaluations that share their examples and their ablation, planned together."""
    metric = circuit.task.metric
    variants = distinct_variants(run.requests, metric.name, run.model)
    values = plan_values(variants, shape, classes_of(layouts, named(variants)))
    share = examples / len(layouts)
    tokens = sum(layout.length for layout in layouts)
    work = work_of(values, _constants(run.ablation, tokens, share))
    few = metric.answer is not None and metric.against is not None
    rows = sum(len(layout.read) for layout in layouts)
    readings = [reading_of(request, metric.name) for request in run.requests]
    columns = sum(2 if few and name in FEW_LOGITS else shape.vocab_size for name in readings)
    return _Part(
        round(work.head_rows * share),
        round(work.mlp_rows * share),
        share * (work.flops + 2.0 * shape.d_model * columns * rows),
        bytes_per_example(values, _SIZES.get(circuit.model.dtype, 4)),
    )


def _constants(ablation: Ablation, tokens: int, share: float) -> float:
    """Tokens with ablated values of their own, as a part of what is multiplied by ``share``."""
    match ablation.kind, ablation.by:
        case ("zero", _) | ("mean", "all"):
            return 1 / share
        case ("mean", _):
            return tokens / share
        case _:
            return tokens


def matrix_parameters(shape: ModelShape) -> int:
    """Parameters that a token is multiplied with, the unembedding included. Embedding look-ups cost
    nothing."""
    return block_parameters(shape) + shape.d_model * shape.vocab_size


def block_parameters(shape: ModelShape) -> int:
    """Those of all blocks: q, k, v and output of attention, and the MLP's two matrices (three where
    it is gated)."""
    attention = 2 * shape.d_model * shape.d_head * (shape.n_heads + shape.n_kv_heads)
    mlp = mlp_matrices(shape) * shape.d_model * shape.d_mlp
    return shape.n_layers * (attention + mlp)


def estimated_tokens(circuit: Circuit) -> int | None:
    """A prompt's length in tokens before any tokenizer is loaded; None for a data file."""
    match circuit.task.data:
        case PromptData(templates=templates):
            lengths = (
                len("".join(p if isinstance(p, str) else "x" for p in t.parts).split())
                for t in templates
            )
            return max(lengths, default=0) + circuit.task.bos
        case GeneratedData(arguments=arguments) if {"length", "copies"} <= arguments.keys():
            return arguments["length"] * arguments["copies"] + circuit.task.bos
        case _:
            return None

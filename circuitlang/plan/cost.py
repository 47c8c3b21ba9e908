"""What a plan costs when every variant is a whole forward pass, and what is left of that when each
value is computed once: what `verify --dry-run` prints. Arithmetic on the model's shape; nothing is
loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from circuitlang.circuit.circuit import Ablation, Circuit, GeneratedData, PromptData
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import classes_of
from circuitlang.plan.layouts import estimated_layouts
from circuitlang.plan.plan import Plan
from circuitlang.plan.request import Attention, Evaluation, RepeatedTokens
from circuitlang.plan.sharing import FEW_LOGITS, distinct_variants, named, reading_of
from circuitlang.plan.variant import MODEL, removes
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
    formula: str = FORMULA


def describe(plan: Plan, circuit: Circuit, tokens_per_example: int | None = None) -> Cost:
    """The cost of a plan, run naively.

    ``tokens_per_example`` overrides the estimate from the task: one token a word of the longest
    template, or the length of a generated sequence.
    """
    length = tokens_per_example or estimated_tokens(circuit)
    variants = {r.variant for r in plan.requests if isinstance(r, Evaluation)}
    if any(isinstance(r, Attention) or _reads_kl(r) for r in plan.requests):
        variants.add(MODEL)
    corrupt = bool(variants - {MODEL}) and circuit.policy.ablation.kind != "zero"
    runs = (len(variants) + corrupt) * circuit.policy.examples
    # All heads of one pass over random tokens are read at once.
    repeated = {
        (r.length, r.examples): 2 * r.length * r.examples
        for r in plan.requests
        if isinstance(r, RepeatedTokens)
    }
    tokens = None if length is None and runs else runs * (length or 0) + sum(repeated.values())
    parameters = matrix_parameters(circuit.shape) if circuit.shape else None
    return Cost(
        requests=len(plan.requests),
        variants=len(variants),
        examples=circuit.policy.examples,
        passes=runs + sum(examples for _, examples in repeated),
        tokens_per_example=length,
        parameters=parameters,
        tokens=tokens,
        flops=None if tokens is None or parameters is None else 2.0 * parameters * tokens,
        claims={claim: len(reads) for claim, reads in plan.needs.items()},
        sparse=_sparse(plan, circuit),
    )


def _sparse(plan: Plan, circuit: Circuit) -> SparseCost | None:
    """On one example a template, in proportion to the policy's number of examples."""
    shape, layouts = circuit.shape, estimated_layouts(circuit)
    if shape is None or not layouts:
        return None
    evaluations = [request for request in plan.requests if isinstance(request, Evaluation)]
    variants = distinct_variants(evaluations, circuit.task.metric.name)
    values = plan_values(variants, shape, classes_of(layouts, named(variants)))
    share = circuit.policy.examples / len(layouts)
    tokens = sum(layout.length for layout in layouts)
    work = work_of(values, _constants(circuit.policy.ablation, tokens, share))
    parameters, unembedding = matrix_parameters(shape), shape.d_model * shape.vocab_size
    flops = work.flops
    if circuit.policy.ablation.kind != "zero" and any(map(removes, variants)):
        flops += 2.0 * (parameters - unembedding) * tokens
    if any(isinstance(request, Attention) for request in plan.requests):
        flops += 2.0 * (parameters - unembedding) * tokens
    few = circuit.task.metric.answer is not None and circuit.task.metric.against is not None
    rows = sum(len(layout.read) for layout in layouts)
    for request in evaluations:
        reading = reading_of(request, circuit.task.metric.name)
        columns = 2 if few and reading in FEW_LOGITS else shape.vocab_size
        flops += 2.0 * shape.d_model * columns * rows
    flops *= share
    flops += sum(
        2.0 * (parameters - unembedding) * 2 * length * examples
        for length, examples in {
            (r.length, r.examples) for r in plan.requests if isinstance(r, RepeatedTokens)
        }
    )
    return SparseCost(
        head_rows=round(work.head_rows * share),
        mlp_rows=round(work.mlp_rows * share),
        flops=flops,
        passes=flops / (2.0 * parameters * tokens / len(layouts)),
        bytes_per_example=bytes_per_example(values, _SIZES.get(circuit.model.dtype, 4)),
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
    """Parameters that a token is multiplied with: q, k, v and output of attention, the MLP's two
    matrices (three where it is gated) and the unembedding. Embedding look-ups cost nothing."""
    attention = 2 * shape.d_model * shape.d_head * (shape.n_heads + shape.n_kv_heads)
    mlp = mlp_matrices(shape) * shape.d_model * shape.d_mlp
    return shape.n_layers * (attention + mlp) + shape.d_model * shape.vocab_size


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


def _reads_kl(request: object) -> bool:
    return isinstance(request, Evaluation) and request.reading == "kl"

"""What a plan costs when every variant is a whole forward pass: the upper bound that
`verify --dry-run` prints. Arithmetic on the model's shape; nothing is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from circuitlang.circuit.circuit import Circuit, GeneratedData, PromptData
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.plan import Plan
from circuitlang.plan.request import Attention, Evaluation, RepeatedTokens
from circuitlang.plan.variant import MODEL

FORMULA = "FLOPs = 2 × matrix parameters × tokens (Kaplan et al. 2020, arXiv:2001.08361, sec. 2.1)"

# Families whose MLP has two input matrices, one of them a gate.
_GATED = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "smollm3", "phi3")


@dataclass(frozen=True)
class Cost:
    """``variants`` counts distinct variants, the unmodified model among them where anything reads
    it. ``passes`` counts forward passes of one example: each variant and, unless ablation is
    ``zero``, the corrupt run, on every example, and one a sequence of repeated tokens.
    ``tokens`` is their total length and ``flops`` their cost; both None where the plan cannot
    know how long a prompt is. ``claims`` maps each claim to its number of requests.
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
    )


def matrix_parameters(shape: ModelShape) -> int:
    """Parameters that a token is multiplied with: q, k, v and output of attention, the MLP's two
    matrices (three where it is gated) and the unembedding. Embedding look-ups cost nothing."""
    attention = 2 * shape.d_model * shape.d_head * (shape.n_heads + shape.n_kv_heads)
    mlp = (3 if shape.family.startswith(_GATED) else 2) * shape.d_model * shape.d_mlp
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

"""What a sparse plan computes, in rows, floating-point operations and bytes. Arithmetic on the plan
alone; a multiplication and an addition are two operations, norms and softmax are not counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from circuitlang.circuit.names import Port
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import Classes
from circuitlang.plan.values import SparsePlan, StreamId

# Families whose MLP has two input matrices, one of them a gate.
_GATED = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "smollm3", "phi3")


@dataclass(frozen=True)
class Work:
    """``head_rows`` and ``mlp_rows`` count evaluations of one component at one token;
    ``flops`` leaves out what makes the ablated constants, and the unembedding."""

    head_rows: int
    mlp_rows: int
    flops: float


def mlp_matrices(shape: ModelShape) -> int:
    """Matrices of d_model times d_mlp in one MLP."""
    return 3 if shape.family.startswith(_GATED) else 2


def work_of(plan: SparsePlan, constants: float | None = None) -> Work:
    """The work over all examples of the plan's classes. ``constants`` is how many tokens have
    ablated values of their own: all, unless said."""
    shape, count = plan.shape, plan.classes.counts()
    visible = _visible(plan.classes)
    through_head = 2 * shape.d_model * shape.d_head  # one row through one head's slice of a matrix
    flops = 0.0
    for level, streams in enumerate(plan.levels):
        heads_added = level % 2
        mixed = 0
        for stream in streams:
            rows = count[stream.at]
            flops += len(stream.corrections) * 2 * shape.d_model * rows
            if heads_added and not stream.corrections:
                flops += len(stream.sent) * through_head * rows
                mixed |= len(stream.sent) < shape.n_heads
        # What ablated heads send is projected once for all tokens that share it.
        own = sum(count) if constants is None else constants
        flops += mixed * shape.n_heads * through_head * own
    head_rows = 0
    for layer in range(shape.n_layers):
        for port in ("q", "k", "v"):
            for read, heads in projected(plan, layer, port).items():
                at = plan.levels[2 * layer][read].at
                flops += len(heads) * through_head * count[at]
        for unit in plan.units[layer]:
            for query in unit.queries:
                head_rows += count[query.at]
                flops += 4 * shape.d_head * visible[query.at]  # q·k and pattern·v
    apart = (plan.values[value] for value in plan.corrected())
    flops += sum(through_head * count[v.at] for v in apart if v.node.kind == "head")
    mlp_rows = sum(count[plan.values[m.value].at] for layer in plan.mlps for m in layer)
    flops += mlp_rows * mlp_matrices(shape) * 2 * shape.d_model * shape.d_mlp
    return Work(head_rows, mlp_rows, flops)


def projected(plan: SparsePlan, layer: int, port: Port) -> dict[StreamId, frozenset[int]]:
    """The streams that a port of the layer reads, each with the heads that read it: key-value heads
    for k and v."""
    group = plan.shape.n_heads // plan.shape.n_kv_heads
    found: dict[StreamId, set[int]] = {}
    for unit in plan.units[layer]:
        head = unit.head.head
        match port:
            case "q":
                reads: Iterator[StreamId] = (query.stream for query in unit.queries)
            case "k":
                reads, head = iter(unit.keys.values()), head // group
            case "v":
                reads, head = iter(unit.values.values()), head // group
        for stream in reads:
            found.setdefault(stream, set()).add(head)
    return {stream: frozenset(heads) for stream, heads in found.items()}


def bytes_per_example(plan: SparsePlan, size: int = 4) -> int:
    """An upper bound on what one more example in a batch allocates, ``size`` bytes a number: the
    constants, what is kept apart, and the largest layer's rows."""
    shape, most = plan.shape, _most(plan.classes)
    width = max(map(len, plan.classes.tokens), default=0)
    d, e = shape.d_model, shape.d_head
    constants = 2 * width * (shape.n_layers * (shape.n_heads * e + d) + d)
    apart = sum(most[plan.values[value].at] * d for value in plan.corrected())
    rows = [sum(most[stream.at] for stream in level) for level in plan.levels]
    largest = 0
    for layer in range(shape.n_layers):
        projections = sum(
            len(heads) * e * most[plan.levels[2 * layer][stream].at]
            for port in ("q", "k", "v")
            for stream, heads in projected(plan, layer, port).items()
        )
        attended = 0
        for unit in plan.units[layer]:
            queries = sum(most[query.at] for query in unit.queries)
            # Gathered q, k, v and z; their addresses, of eight bytes; scores three times over.
            attended += (2 * queries + 2 * width) * e + (queries + 2 * width) * 8 // size
            attended += 3 * queries * width
        sent = sum(
            most[stream.at] * (d + len(stream.sent) * (2 * e + 2))
            for stream in plan.levels[2 * layer + 1]
        )
        attention = 3 * rows[2 * layer] * d + 2 * projections + attended + sent
        mlp = 4 * rows[2 * layer + 1] * d
        largest = max(largest, attention, mlp)
    read = sum(most[at] * d for ports in plan.logits for at in ports)
    return size * (constants + apart + largest + 2 * read)


def _visible(classes: Classes) -> Sequence[int]:
    """For each class the pairs of one of its tokens and a token that it sees."""
    pairs = [0] * len(classes)
    for tokens in classes.tokens:
        for position, c in enumerate(tokens):
            pairs[c] += position + 1
    return pairs


def _most(classes: Classes) -> Sequence[int]:
    """For each class the most tokens that an example has of it."""
    most = [0] * len(classes)
    for tokens in classes.tokens:
        for c in set(tokens):
            most[c] = max(most[c], tokens.count(c))
    return most

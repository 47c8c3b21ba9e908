"""What a circuit claims, on one screen: the default of `circuitlang show`."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.circuit.circuit import (
    Circuit,
    FileData,
    GeneratedData,
    Member,
    MetricDef,
    PromptData,
    TaskSpec,
)
from circuitlang.syntax.render.cells import visible


def summary(circuit: Circuit) -> str:
    """A person's overview, ending in a line feed. Nothing in it needs a model or a tokenizer."""
    title = circuit.name if circuit.doc is None else f"{circuit.name}: {circuit.doc}"
    rows = [
        ("model", _model(circuit)),
        ("task", _task(circuit.task)),
        ("policy", _policy(circuit)),
        *(("role", row) for row in _roles(circuit)),
        ("edges", _edges(circuit)),
        *(("claim", f"{c.name}: {c.measure} {c.demand}") for c in circuit.claims),
        *(("waived", f"{w.claim} until {w.until}: {w.because}") for w in circuit.waivers),
        ("hash", circuit.digest),
    ]
    lines = (title, "", *(f"  {key:7} {row}" for key, row in rows))
    return "".join(f"{visible(line)}\n" for line in lines)


def _model(circuit: Circuit) -> str:
    name = circuit.model.source
    if circuit.model.revision:
        name += f" at {circuit.model.revision[:7]}"
    shape = circuit.shape
    if shape is None:
        return f"{name}, {circuit.model.dtype}; its shape is not known without its files"
    shared = "" if shape.n_kv_heads == shape.n_heads else f" ({shape.n_kv_heads} for keys, values)"
    return (
        f"{name}, {circuit.model.dtype}, {shape.n_layers} layers of {shape.n_heads} heads{shared}, "
        f"width {shape.d_model}"
    )


def _task(task: TaskSpec) -> str:
    match task.data:
        case PromptData(templates=templates):
            data = f"{len(templates)} prompts"
        case FileData(path=path):
            data = path.name
        case GeneratedData(generator=name, arguments=arguments):
            data = f"{name}({', '.join(f'{k}={v}' for k, v in arguments.items())})"
    bos = "BOS prepended" if task.bos else "no BOS"
    corruptions = ", ".join(task.corruptions) or "none"
    return f"{data}, {bos}, corruptions: {corruptions}, metric {_metric(task.metric)}"


def _metric(metric: MetricDef) -> str:
    slots = (("answer", metric.answer), ("against", metric.against))
    listed = ", ".join(f"{key}={slot}" for key, slot in slots if slot is not None)
    return f"{metric.name}({listed}) at {metric.at}"


def _policy(circuit: Circuit) -> str:
    policy = circuit.policy
    kept = ", MLPs kept" if circuit.keep_mlps else ""
    return (
        f"granularity {policy.granularity}, ablation {policy.ablation}, {policy.positions} "
        f"positions{kept}, {policy.examples} examples, seed {policy.seed}, "
        f"{policy.confidence * 100:g}% intervals"
    )


def _roles(circuit: Circuit) -> Iterator[str]:
    for role in circuit.roles.values():
        members = " ".join(_member(member) for member in role.members)
        reads = f" attending {role.attending}" if role.attending else ""
        yield f"{role.name} at {role.at}{reads}: {members}"


def _member(member: Member) -> str:
    return str(member.node) if member.status is None else f"{member.node} ({member.status})"


def _edges(circuit: Circuit) -> str:
    claimed = f"{len(circuit.claimed_edges)} claimed"
    added = len(circuit.edges) - len(circuit.claimed_edges)
    return f"{claimed}, {len(circuit.edges)} with those that `keep mlps` adds" if added else claimed

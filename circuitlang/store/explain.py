"""Why a claim was measured again: what it is measured under now beside what it was last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.store.keys import Engine

_LISTED = 4


@dataclass(frozen=True)
class Basis:
    """Everything that a claim's numbers can depend on, in words and digests that can be compared.

    ``finished`` is False from the start of a measurement to its end. ``kept`` holds the members
    with their positions and the claimed edges with theirs.
    """

    finished: bool
    source: str
    model: str
    dtype: str
    device: str
    executor: str
    versions: Mapping[str, str]
    code: str
    data: str
    examples: int
    seed: int
    ablation: str
    granularity: str
    positions: str
    keep_mlps: bool
    measure: str
    kept: Mapping[str, str]

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def basis_of(
    circuit: Circuit, claim: Claim, engine: Engine, data: str, examples: int, *, finished: bool
) -> Basis:
    """What a claim is measured under. ``data`` is the digest of its examples."""
    policy = circuit.policy
    return Basis(
        finished=finished,
        source=circuit.model.source,
        model=engine.model,
        dtype=engine.dtype,
        device=engine.device,
        executor=engine.executor,
        versions=dict(engine.versions),
        code=engine.code,
        data=data,
        examples=examples,
        seed=policy.seed,
        ablation=str(policy.ablation),
        granularity=policy.granularity,
        positions=policy.positions,
        keep_mlps=circuit.keep_mlps,
        measure=str(claim.measure),
        kept={
            **{str(node): str(at) for node, at in circuit.members.items()},
            **{str(edge): str(at) for edge, at in circuit.claimed_edges.items()},
        },
    )


def read_basis(text: str) -> Basis | None:
    """The inverse of `Basis.to_text`; None for a text of another version."""
    try:
        loaded = json.loads(text)
        if set(loaded) != {field.name for field in fields(Basis)}:
            return None
        return Basis(**loaded)
    except (TypeError, ValueError):
        return None


def reasons(before: Basis | None, now: Basis, prefix: Callable[[int], str]) -> tuple[str, ...]:
    """Why numbers were missing that the claim needs, in sentences without a full stop; empty where
    nothing that is known of has changed.

    ``prefix`` gives the digest of the first so many examples: with it, more examples of the same
    data are told from other data.
    """
    if before is None:
        return ("never measured",)
    return tuple(_reasons(before, now, prefix))


def _reasons(before: Basis, now: Basis, prefix: Callable[[int], str]) -> Iterator[str]:
    if not before.finished:
        yield "the last run did not finish"
    if before.measure != now.measure:
        yield f"the claim's measure was {before.measure}"
    if before.source != now.source:
        yield f"the model was {before.source}"
    elif before.model != now.model:
        yield "the model's files changed"
    for name, was, is_ in (
        ("dtype", before.dtype, now.dtype),
        ("device", before.device, now.device),
        ("executor", before.executor, now.executor),
        ("ablation", before.ablation, now.ablation),
        ("seed", before.seed, now.seed),
        ("granularity", before.granularity, now.granularity),
        ("positions", before.positions, now.positions),
    ):
        if was != is_:
            yield f"{name} was {was}"
    if changed := [
        f"{name} {before.versions.get(name, 'absent')} -> {now.versions.get(name, 'absent')}"
        for name in sorted({*before.versions, *now.versions})
        if before.versions.get(name) != now.versions.get(name)
    ]:
        yield f"versions changed: {', '.join(changed)}"
    elif before.code != now.code:
        yield "circuitlang's own code changed"
    yield from _data(before, now, prefix)
    yield from _circuit(before, now)


def _data(before: Basis, now: Basis, prefix: Callable[[int], str]) -> Iterator[str]:
    if before.data == now.data:
        return
    if before.examples < now.examples and prefix(before.examples) == before.data:
        yield f"{now.examples - before.examples} more examples"
    elif before.examples > now.examples:
        yield f"{before.examples - now.examples} examples fewer"
    else:
        yield "the data changed"


def _circuit(before: Basis, now: Basis) -> Iterator[str]:
    if before.keep_mlps != now.keep_mlps:
        yield f"`keep mlps` was {'removed' if before.keep_mlps else 'added'}"
    both = before.kept.keys() & now.kept.keys()
    changes = (
        ("without", sorted(before.kept.keys() - both)),
        ("with", sorted(now.kept.keys() - both)),
        ("at other positions", sorted(n for n in both if before.kept[n] != now.kept[n])),
    )
    if told := [f"{how} {listed(names)}" for how, names in changes if names]:
        yield f"the circuit changed: {', '.join(told)}"


def listed(names: Sequence[str]) -> str:
    """The first few names; nodes come before edges."""
    ordered = sorted(names, key=lambda name: ("->" in name, name))
    more = len(ordered) - _LISTED
    return ", ".join(ordered[:_LISTED]) + (f" and {more} more" if more > 0 else "")

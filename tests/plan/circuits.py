"""A small circuit, and observations for it that are written down by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from circuitlang.circuit.circuit import (
    Ablation,
    Argument,
    Circuit,
    Claim,
    Comparator,
    Corruption,
    FileData,
    Granularity,
    MeasureCall,
    Member,
    MetricDef,
    ModelRef,
    Policy,
    PositionDef,
    Role,
    Search,
    TaskSpec,
    Waiver,
)
from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp, parse_node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.cover import cover_circuits, cover_requests
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import requests_of
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sample import sample_of
from circuitlang.syntax.source import NOWHERE, Source, Span

GPT2 = ModelShape("gpt2", 12, 12, 12, 768, 64, 3072, 50257, 1024)
SHAPE = ModelShape("gpt2", 2, 2, 2, 8, 4, 16, 50, 32)
S, END = Positions.of(["S"]), Positions.of(["END"])
EARLY, LATE, MOVER = head(0, 0), head(0, 1), head(1, 1)
CLAIMED = {
    Edge(INPUT, EARLY, "v"): S,
    Edge(EARLY, MOVER, "v"): S,
    Edge(LATE, MOVER, "v"): S,
    Edge(MOVER, LOGITS): END,
}
ADDED = {Edge(mlp(0), LOGITS): EVERYWHERE}


def circuit(
    *claims: Claim,
    granularity: Granularity = "nodes",
    keep_mlps: bool = False,
    waivers: tuple[Waiver, ...] = (),
    source: str = "",
    **policy: Any,
) -> Circuit:
    """Two heads that write at S, one that moves the answer to END."""
    task = TaskSpec(
        FileData(Path("data.jsonl"), "00"),
        {"abc": Corruption("abc", "given")},
        {"S": PositionDef("S", "given"), "END": PositionDef("END", "last")},
        MetricDef("logit_diff", "END"),
    )
    roles = {
        "early": Role("early", S, S, (Member(EARLY), Member(LATE))),
        "mover": Role("mover", END, S, (Member(MOVER),)),
    }
    return Circuit(
        name="tiny",
        model=ModelRef("builtin:tiny"),
        task=task,
        policy=Policy(granularity, Ablation("mean", "abc"), **policy),
        roles=roles,
        edges={**CLAIMED, **ADDED} if keep_mlps else CLAIMED,
        claimed_edges=CLAIMED,
        claims=claims,
        waivers=waivers,
        keep_mlps=keep_mlps,
        shape=SHAPE,
        digest="d1",
        source=Source(source, "tiny.circuit"),
    )


def claim(
    measure: str,
    comparator: Comparator = ">=",
    threshold: float = 0.0,
    *,
    name: str | None = None,
    span: Span = NOWHERE,
    tolerance: float | None = None,
    percent: bool = False,
    severity: Literal["error", "warn"] = "error",
) -> Claim:
    """A claim about a measure as one writes it: ``faithfulness(as=ratio)``."""
    word, _, listed = measure.removesuffix(")").partition("(")
    arguments: dict[str, Argument] = {}
    for key, value in (pair.split("=") for pair in listed.split(", ") if pair):
        arguments[key] = int(value) if value.isdigit() else parse_node(value) or _word(value)
    call = MeasureCall(word, MappingProxyType(arguments))
    return Claim(name or word, call, comparator, threshold, tolerance, percent, severity, span)


def _word(text: str) -> str | Search:
    """``random(3)`` is a search, anything else itself."""
    kind, _, size = text.removesuffix(")").partition("(")
    return Search(kind, int(size)) if size else text


def observe(
    hypothesis: Circuit,
    values: Mapping[str, Sequence[float]],
    clusters: Sequence[str] | None = None,
) -> Observations:
    """Observations for the circuit's only claim, by the labels of its measure, and for its covers
    such as hold."""
    (only,) = hypothesis.claims
    found: dict[Request, Observation] = {}
    for label, request in requests_of(hypothesis, only).items():
        numbers = tuple(float(x) for x in values[label])
        found[request] = Observation(numbers, tuple(clusters or ["t"] * len(numbers)), 0.5)
    return covered(hypothesis, found)


def covered(hypothesis: Circuit, found: Mapping[Request, Observation]) -> Observations:
    """The same, with covers that hold: a model at 4, nothing at 0, random circuits far off."""
    clusters = next(iter(found.values())).clusters if found else ()
    whole = dict(found)
    for one in hypothesis.claims:
        for label, request in cover_requests(hypothesis, one, cover_circuits(hypothesis)).items():
            assert isinstance(request, Evaluation)
            seen = [clusters[i] for i in sample_of(request).indices(clusters)]
            number = 4.0 if label == "M" else 90.0 if request.reading == "kl" else 0.0
            whole.setdefault(request, Observation((number,) * len(seen), tuple(seen)))
    return whole


_SIGNS = ("positive", "negative")

# Every measure with arguments that fit the circuit above.
CALLS: tuple[Claim, ...] = tuple(
    claim(call)
    for call in (
        *(f"accuracy(of={of})" for of in ("model", "circuit")),
        *(f"metric(of={of})" for of in ("model", "circuit", "empty")),
        *(f"faithfulness(as={how})" for how in ("ratio", "normalized", "gap", "kl")),
        "completeness(search=roles)",
        "completeness(search=random(3))",
        "completeness(search=greedy(2))",
        "minimality()",
        "minimality(test=inflated(29))",
        "complement()",
        "equivalence()",
        "independence(permutations=99, examples=1000)",
        "sufficiency(circuits=29, examples=64)",
        "partial_necessity(circuits=29, examples=64)",
        *(f"effect(of={of}, direction=noising)" for of in ("early", "a0.h0", "m1")),
        "effect(of=early, direction=denoising)",
        "direct_effect(of=mover)",
        *(f"path_effect(from=early, to=mover, via={via})" for via in ("k", "any")),
        "path_effect(from=m0, to=logits, via=any)",
        *(
            f"strongest_path(to=mover, via=q, senders={kind}, among={among})"
            for kind in ("heads", "mlps", "both")
            for among in ("all", "outside")
            if (kind, among) != ("heads", "outside")
        ),
        *(f"attention(role=early, from=S, to=S, over={over})" for over in ("min", "mean")),
        *(f"copying(role=early, at=S, sign={sign}, top=5, over=min)" for sign in _SIGNS),
        *(f"composition(from=early, to=mover, via={via}, draws=39, over=min)" for via in "qkv"),
        *(
            f"{name}(role=early, length=20, examples=8, over=min)"
            for name in ("induction", "previous_token", "duplicate_token")
        ),
    )
)

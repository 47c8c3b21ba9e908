"""The closed vocabulary: settings, metrics, ablations and generators with their signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from circuitlang.circuit.circuit import MOST_EXAMPLES, MOST_SEED, Argument
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Parameter

Kind = Literal[
    "text",
    "choice",
    "integer",
    "share",
    "call",
    "slot",
    "corruption",
    "role",
    "position",
    "component",
    "receiver",
    "search",
]


@dataclass(frozen=True)
class Field:
    """One setting or argument. ``bounds`` are inclusive, those of a ``share`` in percent; with
    ``heads_only`` a role may hold no MLP; ``size`` is that of a search written without one."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    default: Argument | None = None
    required: bool = False
    bounds: tuple[float, float] = (0, 0)
    heads_only: bool = False
    size: int | None = None


Signature = tuple[Field, ...]


def _signature(parameters: tuple[Parameter, ...]) -> Signature:
    return tuple(
        Field(p.name, p.kind, p.choices, p.default, p.required, p.bounds, p.heads_only, p.size)
        for p in parameters
    )


MEASURE_ARGUMENTS: Mapping[str, Signature] = {
    name: _signature(measure.parameters) for name, measure in MEASURES.items()
}

_BOOLEAN = ("true", "false")

MODEL_SETTINGS: Signature = (
    Field("revision", "text"),
    Field("dtype", "choice", ("float32", "float64", "bfloat16"), "float32"),
)

TASK_SETTINGS: Signature = (Field("bos", "choice", _BOOLEAN, "false"),)

POLICY_SETTINGS: Signature = (
    Field("granularity", "choice", ("nodes", "edges"), "nodes"),
    Field("ablation", "call", required=True),
    Field("positions", "choice", ("named", "all"), "named"),
    Field("examples", "integer", default=256, bounds=(1, MOST_EXAMPLES)),
    Field("seed", "integer", default=0, bounds=(0, MOST_SEED)),
    Field("confidence", "share", default=0.95, bounds=(50, 99.9)),
    Field("resamples", "integer", default=2000, bounds=(100, 100_000)),
    Field("cover", "call", default="random"),
    Field("family", "choice", ("holm", "none"), "holm"),
)

COVERS: Mapping[str, Signature] = {
    "random": (
        Field("circuits", "integer", default=20, bounds=(1, 1000)),
        Field("examples", "integer", default=64, bounds=(5, MOST_EXAMPLES)),
    ),
    "none": (),
}

_CORRUPT = Field("corrupt", "corruption", required=True)

ABLATIONS: Mapping[str, Signature] = {
    "zero": (),
    "mean": (_CORRUPT, Field("by", "choice", ("prompt", "all"), "prompt")),
    "resample": (_CORRUPT,),
    "counterfactual": (_CORRUPT,),
}

_ANSWER = Field("answer", "slot", required=True)
_AGAINST = Field("against", "slot", required=True)


@dataclass(frozen=True)
class MetricKind:
    """``no_ratio`` says why F(C) / F(M) means nothing under this metric, or is None."""

    arguments: Signature
    no_ratio: str | None = None


METRICS: Mapping[str, MetricKind] = {
    "logit_diff": MetricKind((_ANSWER, _AGAINST)),
    "prob_diff": MetricKind((_ANSWER, _AGAINST)),
    "log_prob": MetricKind((_ANSWER,), "a log-probability is never positive"),
    "accuracy": MetricKind((_ANSWER, Field("against", "slot"))),
    "kl": MetricKind((), "the model's divergence from itself is zero"),
}


@dataclass(frozen=True)
class Generator:
    """``positions`` and ``corruptions`` are what it brings to `position ... given` and
    `corrupt ... given`."""

    arguments: Signature
    positions: tuple[str, ...]
    corruptions: tuple[str, ...]


GENERATORS: Mapping[str, Generator] = {
    "repeated_tokens": Generator(
        (
            Field("length", "integer", default=50, bounds=(2, 10_000)),
            Field("copies", "integer", default=2, bounds=(2, 100)),
        ),
        positions=("REPEAT",),
        corruptions=("unrepeated",),
    ),
}

MODEL_SCHEMES = ("hf", "path", "pkg", "builtin")

"""Whether a claim says anything: its covers, checked (see docs/design/007-covers.md)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from circuitlang.circuit.circuit import Circuit, Claim, most_passing
from circuitlang.circuit.names import Node
from circuitlang.plan.cover import cover_circuits, cover_requests, covers_of, whole
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Combine, Statistic, components, mean
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Request
from circuitlang.plan.sample import Sample
from circuitlang.score.bootstrap import Array
from circuitlang.score.estimate import Estimation, estimate, point
from circuitlang.score.verdict import Cover, Interval, Measured, allowed


def check_covers(
    circuit: Circuit,
    claim: Claim,
    reads: Mapping[str, Request],
    observations: Observations,
    found: Estimation,
) -> tuple[tuple[Cover, ...], str | None]:
    """The covers of a claim, in the order in which its measure names them, or what is lacking.

    ``reads`` is what the measure reads, ``found`` what was made of it.
    """
    covers = covers_of(circuit, claim)
    drawn = cover_circuits(circuit) if "random" in covers else ()
    requests = cover_requests(circuit, claim, drawn)
    if missing := [label for label, request in requests.items() if request not in observations]:
        return (), f"not measured: {', '.join(f'cover {label}' for label in missing)}"
    seen = {label: observations[request] for label, request in requests.items()}
    for label in ("M", "∅"):
        if label in seen and not all(map(math.isfinite, seen[label].values)):
            return (), f"cover {label} is not a finite number on some examples"

    def checked() -> Iterator[Cover]:
        if "task" in covers:
            yield _task(circuit, seen["M"])
        if "ablation" in covers:
            yield _ablation(circuit, seen["M"], seen["∅"])
        if "size" in covers:
            yield _size(circuit, claim)
        if found.denominator is not None:
            yield _denominator(found, found.denominator)
        if "random" in covers:
            own = {label: observations[request] for label, request in reads.items()}
            others = [one for label, one in seen.items() if label.startswith("random ")]
            yield _random(circuit, claim, own, others)

    return tuple(checked()), None


def _task(circuit: Circuit, model: Observation) -> Cover:
    """F(M), by its interval, is better than no knowledge of the task would give."""
    level = no_knowledge(circuit)
    if level is None:
        name = circuit.task.metric.name
        return Cover("task", None, f"`{name}` does not say whether the model does the task")
    value = _estimated(circuit, {"M": model}, mean("M"))
    shown = f"F(M) = {_shown(value)}"
    if value.interval.low > level:
        return Cover("task", True, f"the model does the task: {shown}")
    return Cover(
        "task", False, f"the model is not shown to do the task: {shown} is not above {level:.3g}"
    )


def no_knowledge(circuit: Circuit) -> float | None:
    """What the metric gives without any knowledge of the task: no preference for a difference; a
    coin's share for an accuracy against one rival, and a uniform choice from the vocabulary for
    one against all and for a log-probability. None for a divergence from the model itself."""
    metric, shape = circuit.task.metric, circuit.shape
    tokens = shape.vocab_size if shape is not None else None
    match metric.name:
        case "accuracy" if metric.against is not None:
            return 0.5
        case "accuracy":
            return 1 / tokens if tokens else None
        case "log_prob":
            return -math.log(tokens) if tokens else None
        case "kl":
            return None
        case _:
            return 0.0


def _ablation(circuit: Circuit, model: Observation, empty: Observation) -> Cover:
    """The interval of F(M) − F(∅) excludes zero."""
    difference = _estimated(circuit, {"M": model, "∅": empty}, lambda f: f["M"] - f["∅"])
    low, high = difference.interval
    if low <= 0 <= high:
        text = f"ablation does not move the metric: F(M) − F(∅) = {_shown(difference)}"
        return Cover("ablation", False, text)
    shares = circuit.task.metric.name not in ("kl", "log_prob") and model.mean > 0
    kept = f"{100 * empty.mean / model.mean:.3g}%" if shares else f"F = {empty.mean:.3g}"
    return Cover("ablation", True, f"nothing kept gives {kept}")


def _size(circuit: Circuit, claim: Claim) -> Cover:
    """What the claim is about is not nothing, and not every head of the model."""
    nodes = _about(circuit, claim)
    heads = sum(node.kind == "head" for node in nodes)
    if not nodes:
        return Cover("size", False, "there are no members")
    if whole(circuit, nodes):
        return Cover("size", False, f"it is about all {heads} heads of the model")
    if circuit.shape is None:
        return Cover("size", None, "the number of heads of the model is not known")
    return Cover("size", True, f"{heads} of the model's {len(circuit.shape.heads)} heads")


def _about(circuit: Circuit, claim: Claim) -> frozenset[Node]:
    """The role or component that the measure takes, or the whole circuit."""
    for parameter in MEASURES[claim.measure.name].parameters:
        if parameter.kind in ("role", "component"):
            return components(circuit, claim.measure.arguments[parameter.name])
    return frozenset(circuit.members)


def _denominator(found: Estimation, denominator: Measured) -> Cover:
    if found.void is not None:
        return Cover("denominator", False, found.void)
    return Cover("denominator", True, f"the denominator is {_shown(denominator)}")


def _random(
    circuit: Circuit,
    claim: Claim,
    own: Mapping[str, Observation],
    others: Sequence[Observation],
) -> Cover:
    """At most 5 % of random circuits pass, by their own estimates on the examples that they were
    run on."""
    policy = circuit.policy
    if not others or policy.cover is None:
        return Cover("random", None, "there is no other circuit of this size profile")
    measure, arguments = MEASURES[claim.measure.name], claim.measure.arguments
    statistic = measure.statistic(circuit, arguments)
    label = measure.kept(arguments) if measure.kept is not None else ""
    indices = Sample(policy.cover.examples).indices(own[label].clusters)
    same = {name: _mean(one, indices) for name, one in own.items()}
    kept = np.array([one.mean for one in others])
    with np.errstate(all="ignore"):
        values = tuple(map(float, point(statistic, {**same, label: kept})))
    passing = sum(_passes(value, allowed(claim)) for value in values)
    met = passing <= most_passing(len(values))
    drawn = "1 random circuit" if len(values) == 1 else f"{len(values)} random circuits"
    text = f"{drawn} of this size profile: {_best(claim, values)}, {passing} would pass"
    return Cover("random", met, text, values, passing)


def _mean(one: Observation, indices: Sequence[int]) -> Array:
    return np.asarray(math.fsum(one.values[i] for i in indices) / len(indices))


def _passes(value: float, wanted: Interval) -> bool:
    return wanted.low <= value <= wanted.high


def _best(claim: Claim, values: Sequence[float]) -> str:
    """The random circuit that comes nearest to passing."""
    numbers = [value for value in values if math.isfinite(value)]
    if not numbers:
        return "no finite estimate"
    match claim.comparator:
        case ">=":
            best = max(numbers)
        case "<=":
            best = min(numbers)
        case _:
            best = min(numbers, key=lambda value: abs(value - claim.threshold))
    relative = MEASURES[claim.measure.name].relative(claim.measure.arguments)
    if relative:
        return f"{100 * best:.3g}% at best"
    return f"{best:.3g} at best"


def _estimated(circuit: Circuit, observed: Mapping[str, Observation], combine: Combine) -> Measured:
    values = {label: one.values for label, one in observed.items()}
    clusters = next(iter(observed.values())).clusters
    found = estimate(Statistic({"": combine}), values, clusters, circuit.policy).estimate
    if found is None:
        return Measured(math.nan, Interval(-math.inf, math.inf))
    return found


def _shown(measured: Measured) -> str:
    value, (low, high) = measured
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"

"""Covers: what has to be run to know that a claim says anything (see docs/design/007-covers.md).

``task``: the model does the task. ``ablation``: ablating moves the metric. ``size``: what the claim
is about is neither nothing nor every head. ``denominator``: a share is of something that is not
zero. ``random``: random circuits of the same size profile do not pass as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.circuit.names import Node
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import CoverName
from circuitlang.plan.random_circuits import random_circuits
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL, empty_variant


def covers_of(circuit: Circuit, claim: Claim) -> tuple[CoverName, ...]:
    """The covers that a claim needs, less those that the policy or its comparator rules out."""
    measure = MEASURES[claim.measure.name]
    wanted = measure.covers(claim.measure.arguments)
    held = circuit.policy.cover is not None and asks_to_keep_enough(claim)
    return tuple(name for name in wanted if name != "random" or held)


def asks_to_keep_enough(claim: Claim) -> bool:
    """Whether the claim passes where a circuit keeps enough: ``>=`` or ``~=`` of a share that is
    kept, ``<=`` or ``~=`` of a distance from the model."""
    measure = MEASURES[claim.measure.name]
    if measure.kept is None:
        return False
    share = measure.relative(claim.measure.arguments)
    return claim.comparator in ("~=", ">=" if share else "<=")


def cover_requests(
    circuit: Circuit, claim: Claim, drawn: Sequence[Circuit]
) -> Mapping[str, Request]:
    """What the covers of a claim read: ``M`` and ``∅`` on all examples, and, on as many as the
    policy says, ``random 1`` and so on for the random circuits that were ``drawn``."""
    covers = covers_of(circuit, claim)
    found: dict[str, Request] = {}
    if "task" in covers or "ablation" in covers:
        found["M"] = Evaluation(MODEL)
    if "ablation" in covers:
        found["∅"] = Evaluation(empty_variant(circuit))
    measure, policy = MEASURES[claim.measure.name], circuit.policy
    if "random" in covers and measure.kept is not None and policy.cover is not None:
        label = measure.kept(claim.measure.arguments)
        for i, one in enumerate(drawn, start=1):
            request = measure.requests(one, claim.measure.arguments)[label]
            if isinstance(request, Evaluation):
                found[f"random {i}"] = request._replace(examples=policy.cover.examples)
    return found


def cover_circuits(circuit: Circuit) -> tuple[Circuit, ...]:
    """The random circuits that the policy's cover asks for, or fewer where there are no more."""
    cover = circuit.policy.cover
    return random_circuits(circuit, cover.circuits) if cover is not None else ()


def whole(circuit: Circuit, nodes: Iterable[Node]) -> bool:
    """Whether these are all heads of the model: then they are no finding about heads."""
    return circuit.shape is not None and set(circuit.shape.heads) <= set(nodes)

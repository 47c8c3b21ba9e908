"""A file's claims at one look at growing data: which are decided, and which go on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import pose, selected
from circuitlang.plan.request import Composition, RepeatedTokens
from circuitlang.score.judge import judge
from circuitlang.score.sequential import at_look, fractions_of
from circuitlang.score.spending import sequential_p
from circuitlang.score.verdict import Look, Verdict

# Covers that are intervals too: more examples may meet what fewer could not.
_MAY_BE_MET = frozenset({"task", "ablation", "denominator"})


def fixed(circuit: Circuit, claim: Claim) -> str | None:
    """Why a claim is judged once, on the policy's examples and at the policy's confidence, however
    many looks there are; None for one that more examples are taken for."""
    measure, arguments = MEASURES[claim.measure.name], claim.measure.arguments
    if measure.most_searched(circuit, arguments):
        return "its search and its report are halves of the same examples, which more would mix"
    posed = pose(circuit, claim)
    if posed.statistic is not None and posed.statistic.test is not None:
        return "its value is the p-value of one test"
    if all(isinstance(r, Composition | RepeatedTokens) for r in posed.requests.values()):
        return "it is not measured on the examples"
    return None


def judge_at(
    circuit: Circuit,
    looks: Sequence[Look],
    look: Look,
    observations: Observations,
    names: Collection[str],
    before: Mapping[str, Verdict],
) -> dict[str, Verdict]:
    """The verdicts ``before`` with those of the claims ``names`` replaced by what they are at
    ``look``, one of ``looks``, alone: at its level, covers included, and with the sequential
    p-value of all looks so far. ``observations`` are of the examples of that look."""
    verdicts = dict(before)
    there = replace(circuit, policy=at_look(circuit.policy, look))
    for claim in selected(circuit, names):
        found = judge(there, claim, observations)
        earlier = before.get(claim.name, found)
        chances = (*earlier.chances, 1.0 if found.p is None else found.p)
        p = None
        if found.p is not None or earlier.p is not None:
            p = sequential_p(chances, fractions_of(looks))
        verdicts[claim.name] = replace(found, p=p, chances=chances, look=look)
    return verdicts


def undecided(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The claims for which more examples are to be taken: inconclusive ones, by themselves or as
    part of their family, and vacuous ones whose covers more examples may meet. Those that were
    judged at no look, or at the last, are left as they are."""
    return tuple(
        verdict.claim.name
        for verdict in verdicts
        if verdict.look is not None and not verdict.look.last and _goes_on(verdict)
    )


def _goes_on(verdict: Verdict) -> bool:
    if verdict.outcome == "vacuous":
        return {c.name for c in verdict.covers if c.met is False} <= _MAY_BE_MET
    return verdict.outcome == "inconclusive"

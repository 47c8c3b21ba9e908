"""Measuring and judging, once or in declared looks at more and more examples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.growing import Answer, Growing, on_all
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import make_plan, selected
from circuitlang.plan.request import Request
from circuitlang.plan.sensitivity import Matrix
from circuitlang.report.reuse import Reuse
from circuitlang.score.judge import judge
from circuitlang.score.looks import fixed, judge_at, undecided
from circuitlang.score.score import as_family, score, waived
from circuitlang.score.sequential import declare_looks
from circuitlang.score.verdict import Look, Verdict

# What claims read, by label, to how much of it was in the cache.
Reused = Callable[[Mapping[str, Mapping[str, Request]]], Mapping[str, Reuse]]


@dataclass(frozen=True)
class Judged:
    """``observations`` are what the claims read, and ``needs`` says which of them by claim and
    label; with looks, on the examples of the last that was taken, and without what a search read.
    ``looks`` are those that were declared, and ``fixed`` says of claims why they were judged at
    none of them; both are empty without looks."""

    verdicts: tuple[Verdict, ...]
    observations: Observations
    needs: Mapping[str, Mapping[str, Request]]
    reuse: Mapping[str, Reuse]
    looks: tuple[Look, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)


def judge_once(
    circuit: Circuit,
    only: Collection[str] | None,
    answer: Answer,
    reused: Reused,
    matrix: Matrix | None = None,
) -> Judged:
    """The claims of the circuit, or those named in ``only``, on all examples; what the cells of a
    ``matrix`` read is among the observations."""
    observations = observe(circuit, only, lambda requests: answer(requests, None), matrix)
    verdicts = score(circuit, observations, date.today(), only)
    needs = make_plan(circuit, only, observations).needs
    return Judged(verdicts, observations, needs, reused(needs))


def judge_in_looks(
    circuit: Circuit,
    only: Collection[str] | None,
    templates: Sequence[str],
    answer: Answer,
    reused: Reused,
    announce: Callable[[Look | None], None],
) -> Judged:
    """The same in looks from the policy's number of examples up to all (docs/design/011).

    ``templates`` are those of all examples. A claim that a look decides is left; the others go on.
    Claims that more examples are no use to are judged before, on the policy's number of them.
    ``announce`` is told of a look before anything is measured for it.
    """
    policy = circuit.policy
    looks = declare_looks(policy.examples, len(templates), policy.confidence)
    asked = [claim.name for claim in selected(circuit, only)]
    apart = {
        claim.name: reason
        for claim in selected(circuit, only)
        if (reason := fixed(circuit, claim)) is not None
    }
    growing = Growing(answer, templates)
    verdicts: dict[str, Verdict] = {}
    reuse: dict[str, Reuse] = {}
    seen: dict[Request, Observation] = {}
    reads: dict[str, Mapping[str, Request]] = {}

    def observed(names: Collection[str], examples: int) -> Observations:
        observations = observe(circuit, names, growing.first(examples))
        needs = make_plan(circuit, names, observations).needs
        plain = {
            name: {label: on_all(request) for label, request in labelled.items()}
            for name, labelled in needs.items()
        }
        reuse.update(reused(plain))
        reads.update(needs)
        seen.update({one: found for one, found in observations.items() if one == on_all(one)})
        return observations

    if apart:
        announce(None)
        observations = observed(apart, policy.examples)
        for claim in selected(circuit, apart):
            verdicts[claim.name] = judge(circuit, claim, observations)
    going: Sequence[str] = [name for name in asked if name not in apart]
    for look in looks:
        if not going:
            break
        announce(look)
        observations = observed(going, look.examples)
        verdicts = judge_at(circuit, looks, look, observations, going, verdicts)
        going = undecided(as_family(circuit, [verdicts[name] for name in asked]))
    judged = as_family(circuit, [verdicts[name] for name in asked])
    return Judged(waived(circuit, judged, date.today()), seen, reads, reuse, looks, apart)

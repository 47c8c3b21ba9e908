"""The greedy search against a loop written out over a table of every subset's number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, combinations, islice

import pytest
import torch

from circuitlang.circuit.circuit import Ablation, Circuit, Connection, Granularity, Member, Role
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.circuit.expand import expand
from circuitlang.circuit.names import INPUT, LOGITS, Node, head
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.model.decoder import Decoder
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sample import halves
from circuitlang.plan.variant import circuit_variant, knockout_variant
from circuitlang.run import reference, sparse
from circuitlang.score.judge import judge
from circuitlang.task.dataset import Dataset, Target
from tests.model.tiny import decoder, gpt2
from tests.plan.circuits import circuit, claim
from tests.run.cases import dataset

MEAN = Ablation("mean", "other")
GREEDY = claim("completeness(search=greedy(3))", "<=", 5.0)
MEMBERS = (head(0, 0), head(0, 1), head(1, 0), head(1, 2))
Table = Mapping[frozenset[Node], float]


def solvable(model: Decoder) -> Dataset:
    """Prompts whose answer is what the model says, and whose rival what it says last."""
    plain = dataset((7,) * 12)
    examples = []
    for one in plain.examples:
        logits = model.model(torch.tensor([one.clean])).logits[0, -1]
        target = Target(6, (int(logits.argmax()),), (int(logits.argmin()),))
        examples.append(replace(one, targets=(target,)))
    return replace(plain, examples=tuple(examples))


MODEL = decoder(gpt2())
DATA = solvable(MODEL)


def hypothesis(granularity: Granularity) -> Circuit:
    """Four heads at A and END, which read the input and each other."""
    end = Positions.of(["END"])
    roles = {
        "early": Role("early", Positions.of(["A"]), EVERYWHERE, tuple(map(Member, MEMBERS[:2]))),
        "late": Role("late", end, EVERYWHERE, tuple(map(Member, MEMBERS[2:]))),
    }
    connections = (
        Connection(INPUT, "early"),
        Connection(INPUT, "late"),
        Connection("early", "late"),
        Connection("late", LOGITS),
    )
    plain = circuit(GREEDY, granularity=granularity, seed=5, resamples=100)
    edges, claimed = expand(roles, connections, plain.policy, MODEL.shape, True)
    return replace(
        plain,
        roles=roles,
        edges=edges,
        claimed_edges=claimed,
        shape=MODEL.shape,
        keep_mlps=True,
    )


def answers(data: Dataset, spec: Circuit, executor: object) -> Observations:
    run = executor.run  # type: ignore[attr-defined]
    return observe(
        spec, None, lambda asked: run(asked, MODEL, data, ablation=MEAN, seed=spec.policy.seed)
    )


def by_hand(spec: Circuit, gaps: Table, run: int) -> frozenset[Node]:
    chosen: frozenset[Node] = frozenset()
    for step in range(1, 11):
        left = [node for node in MEMBERS if node not in chosen]
        order = shuffled(Stream(spec.policy.seed, "completeness", "greedy", run, step), len(left))
        tried = [chosen | {left[i]} for i in islice(order, 10)]
        better = [removed for removed in tried if gaps[removed] > gaps[chosen]]
        if better:
            chosen = max(better, key=lambda removed: gaps[removed])
    return chosen


def differences(spec: Circuit, indices: tuple[int, ...]) -> Table:
    """F(C∖K) − F(M∖K) of every subset, on these examples."""
    subsets = chain.from_iterable(combinations(MEMBERS, n) for n in range(5))
    pairs = {
        removed: (
            Evaluation(circuit_variant(spec, without=removed)),
            Evaluation(knockout_variant(spec, removed)),
        )
        for removed in map(frozenset, subsets)
    }
    asked: list[Request] = [one for pair in pairs.values() for one in pair]
    found = reference.run(asked, MODEL, DATA, ablation=MEAN, seed=spec.policy.seed)
    return {
        removed: sum(found[kept].values[i] - found[cut].values[i] for i in indices) / len(indices)
        for removed, (kept, cut) in pairs.items()
    }


@pytest.mark.parametrize("granularity", ["nodes", "edges"])
@pytest.mark.parametrize("executor", [reference, sparse], ids=["reference", "sparse"])
def test_greedy_finds_what_a_loop_over_all_subsets_finds(
    executor: object, granularity: Granularity
) -> None:
    spec = hypothesis(granularity)
    known = answers(DATA, spec, executor)
    search, report = halves(DATA.templates)
    seen, unseen = (differences(spec, half) for half in (search, report))
    gaps = {removed: abs(x) for removed, x in seen.items()}
    statistic = pose(spec, GREEDY, known).statistic
    assert statistic is not None
    verdict = judge(spec, GREEDY, known)
    for run, part in enumerate(verdict.parts, start=1):
        expected = by_hand(spec, gaps, run)
        assert expected
        assert part.members == tuple(map(str, sorted(expected)))
        kept, cut = (part.inputs[name].value for name in ("F(C∖K)", "F(M∖K)"))
        assert kept - cut == pytest.approx(unseen[expected], abs=1e-9)
    assert len(verdict.parts) == 3
    assert verdict.n == len(report)


def test_labels_of_the_search_half_reach_the_report_through_the_sets_alone() -> None:
    spec = hypothesis("nodes")
    search, _ = halves(DATA.templates)
    turned = replace(
        DATA,
        examples=tuple(
            replace(
                one, targets=tuple(replace(t, answer=t.against, against=(7,)) for t in one.targets)
            )
            if i in search
            else one
            for i, one in enumerate(DATA.examples)
        ),
    )
    first, second = (answers(data, spec, sparse) for data in (DATA, turned))
    reads = [
        {k: v for k, v in one.items() if isinstance(k, Evaluation) and k.half == "report"}
        for one in (first, second)
    ]
    assert reads[0].keys() & reads[1].keys()
    for request in reads[0].keys() & reads[1].keys():
        assert reads[0][request].values == pytest.approx(reads[1][request].values, abs=1e-12)
    verdicts = [judge(spec, GREEDY, one) for one in (first, second)]
    assert verdicts[0].searched != verdicts[1].searched
    models = [one.inputs["F(M)"] for one in verdicts]
    assert models[0].value == pytest.approx(models[1].value, abs=1e-12)

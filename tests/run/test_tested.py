"""Tests of Shi et al. end to end on a small model, against variants that are written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from types import ModuleType

import pytest
from scipy import stats

from circuitlang.circuit.circuit import (
    Ablation,
    Circuit,
    Claim,
    Connection,
    Granularity,
    Member,
    Role,
)
from circuitlang.circuit.expand import expand
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, head
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.random_paths import Part, random_additions
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL as WHOLE
from circuitlang.plan.variant import Variant, circuit_variant, complement_variant
from circuitlang.run import reference, sparse
from circuitlang.score.hypothesis import independence
from circuitlang.score.judge import judge
from circuitlang.score.verdict import Verdict
from tests.model.tiny import decoder, gpt2
from tests.plan.circuits import circuit, claim
from tests.run.test_greedy import solvable

MEAN = Ablation("mean", "other")
# One head of six in each of two layers: there are 25 other circuits of this profile.
MODEL = decoder(gpt2(n_head=6))
DATA = solvable(MODEL)
EARLY, LATE = head(0, 1), head(1, 4)
END = Positions.of(["END"])
CONNECTIONS = (
    Connection(INPUT, "early"),
    Connection(INPUT, "late"),
    Connection("early", "late"),
    Connection("late", LOGITS),
)

executors = pytest.mark.parametrize("executor", [reference, sparse], ids=["reference", "sparse"])
granularities = pytest.mark.parametrize("granularity", ["nodes", "edges"])


def spec(asked: Claim, granularity: Granularity, early: Node = EARLY, late: Node = LATE) -> Circuit:
    plain = circuit(asked, granularity=granularity, seed=5, resamples=100)
    roles = {
        "early": Role("early", Positions.of(["A"]), EVERYWHERE, (Member(early),)),
        "late": Role("late", END, EVERYWHERE, (Member(late),)),
    }
    return made(replace(plain, roles=roles, shape=MODEL.shape, keep_mlps=True))


def made(plain: Circuit) -> Circuit:
    edges, claimed = expand(plain.roles, CONNECTIONS, plain.policy, MODEL.shape, True)
    return replace(plain, edges=edges, claimed_edges=claimed)


def verified(hypothesis: Circuit, executor: ModuleType) -> Verdict:
    seed = hypothesis.policy.seed
    known = observe(
        hypothesis,
        None,
        lambda asked: executor.run(asked, MODEL, DATA, ablation=MEAN, seed=seed),
    )
    return judge(hypothesis, hypothesis.claims[0], known)


def scores(variants: Mapping[str, Variant], seed: int = 5) -> Mapping[str, Sequence[float]]:
    asked = {name: Evaluation(variant) for name, variant in variants.items()}
    found = reference.run(tuple(asked.values()), MODEL, DATA, ablation=MEAN, seed=seed)
    return {name: found[request].values for name, request in asked.items()}


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) / len(one)


@executors
@granularities
@pytest.mark.parametrize("measure", ["sufficiency", "partial_necessity"])
def test_against_all_other_circuits(
    measure: str, granularity: Granularity, executor: ModuleType
) -> None:
    asked = claim(f"{measure}(circuits=29, examples=64)", "<=", 0.05)
    own = spec(asked, granularity)
    variant = circuit_variant if measure == "sufficiency" else complement_variant
    others = {
        f"{i} {j}": variant(spec(asked, granularity, head(0, i), head(1, j)))
        for i, j in product((0, 2, 3, 4, 5), (0, 1, 2, 3, 5))
    }
    found = scores({"M": WHOLE, "own": variant(own), **others})
    mine = apart(found["own"], found["M"])
    theirs = [apart(found[name], found["M"]) for name in others]
    wins = sum(mine <= d if measure == "sufficiency" else mine > d for d in theirs)
    verdict = verified(own, executor)
    assert verdict.estimate is not None
    expected = stats.binomtest(wins, 25, 0.9, alternative="greater").pvalue
    assert verdict.estimate.value == pytest.approx(expected)
    # 25 circuits are fewer than a rejection at 5 % needs.
    assert verdict.outcome in ("inconclusive", "vacuous", "fail")
    assert 0.9**25 > 0.05


@executors
@granularities
def test_independence_of_what_is_left(granularity: Granularity, executor: ModuleType) -> None:
    asked = claim("independence(permutations=199, examples=1000)", ">=", 0.05)
    own = spec(asked, granularity)
    found = scores({"M": WHOLE, "rest": complement_variant(own)})
    verdict = verified(own, executor)
    assert verdict.estimate is not None
    assert verdict.estimate.value == independence(found["M"], found["rest"], 199, 5)


def inflated(own: Circuit, added: Mapping[Part, Positions]) -> Variant:
    """The circuit with more members, each in a role of its own, or with more edges."""
    if own.policy.granularity == "edges":
        edges = dict(own.edges)
        for edge, at in added.items():
            assert isinstance(edge, Edge)
            edges[edge] = edges[edge] | at if edge in edges else at
        return circuit_variant(replace(own, edges=edges))
    roles = dict(own.roles)
    for node, at in added.items():
        assert isinstance(node, Node)
        roles[f"added {node}"] = Role(f"added {node}", at, at, (Member(node),))
    return circuit_variant(replace(own, roles=roles))


@executors
@granularities
def test_minimality_against_random_additions(
    granularity: Granularity, executor: ModuleType
) -> None:
    asked = claim("minimality(test=inflated(29))", ">=", 0.05)
    own = spec(asked, granularity)
    parts: dict[str, Variant] = {}
    if granularity == "edges":
        for edge in own.claimed_edges:
            rest = {e: at for e, at in own.edges.items() if e != edge}
            parts[str(edge)] = circuit_variant(replace(own, edges=rest))
    else:
        for name, role in own.roles.items():
            rest_roles = {k: v for k, v in own.roles.items() if k != name}
            parts[str(role.nodes[0])] = circuit_variant(replace(own, roles=rest_roles))
    additions = random_additions(own, 29)
    assert len(additions) == 29
    with_all = {f"+{i}": inflated(own, one.added) for i, one in enumerate(additions)}
    less = {
        f"-{i}": inflated(own, {p: at for p, at in one.added.items() if p != one.removed})
        for i, one in enumerate(additions)
    }
    found = scores({"C": circuit_variant(own), **parts, **with_all, **less})
    random = [apart(found[f"+{i}"], found[f"-{i}"]) for i in range(29)]
    expected = {
        name: stats.binomtest(
            sum(apart(found["C"], found[name]) > other for other in random),
            29,
            0.9,
            alternative="less",
        ).pvalue
        for name in parts
    }
    verdict = verified(own, executor)
    assert {part.name: part.p for part in verdict.parts} == pytest.approx(expected)
    assert verdict.estimate is not None
    assert verdict.estimate.value == pytest.approx(min(1.0, len(expected) * min(expected.values())))

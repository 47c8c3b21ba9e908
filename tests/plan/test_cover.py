from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Circuit, Comparator, Member, RandomCover, Role
from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.plan.cover import cover_circuits, covers_of
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import circuit_variant
from tests.plan.circuits import END, GPT2, S, circuit, claim

RATIO = claim("faithfulness(as=ratio)", name="faithful")
ROLES = {
    "early": Role("early", S, S, (Member(head(3, 0)), Member(head(3, 7)), Member(mlp(4)))),
    "late": Role("late", END, S, (Member(head(9, 6)), Member(head(9, 9)), Member(head(3, 7)))),
}
EDGES = {
    Edge(INPUT, head(3, 0), "v"): S,
    Edge(head(3, 0), head(9, 6), "q"): END,
    Edge(head(3, 7), mlp(4)): S,
    Edge(head(9, 6), LOGITS): END,
}


def gpt2(**policy: object) -> Circuit:
    plain = circuit(RATIO, **policy)  # type: ignore[arg-type]
    return replace(plain, roles=ROLES, edges=EDGES, claimed_edges=EDGES, shape=GPT2)


def profile(one: Circuit) -> Counter[tuple[int, object]]:
    """How many heads, in each layer and at which positions."""
    return Counter((n.layer, at) for n, at in one.members.items() if n.kind == "head")


def test_random_circuits_have_the_claimed_circuits_profile() -> None:
    drawn = cover_circuits(gpt2())
    assert len(drawn) == 20
    for one in drawn:
        assert profile(one) == profile(gpt2())
        assert mlp(4) in one.members


def test_random_circuits_share_no_head_with_the_claimed_one_where_there_are_enough() -> None:
    own = {node for node in gpt2().members if node.kind == "head"}
    assert all(not own & set(one.members) for one in cover_circuits(gpt2()))


def test_random_circuits_are_all_different() -> None:
    drawn = cover_circuits(gpt2(cover=RandomCover(100)))
    assert len({circuit_variant(one) for one in drawn}) == 100


def test_edges_go_with_the_heads() -> None:
    for one in cover_circuits(gpt2(granularity="edges")):
        (target,) = [e.target for e in one.edges if e.source == INPUT]
        assert target in one.members
        (later,) = [e.target for e in one.edges if e.source == target]
        assert one.edges[Edge(later, LOGITS)] == END
        assert len(one.edges) == len(EDGES)


def test_a_layer_that_is_taken_whole_is_drawn_from_all_the_same() -> None:
    roles = {"r": Role("r", END, S, tuple(Member(head(5, i)) for i in range(7)))}
    wide = replace(gpt2(), roles=roles, edges={}, claimed_edges={})
    for one in cover_circuits(wide):
        assert len(one.members) == 7
        assert set(one.members) != set(wide.members)


def test_there_may_be_no_other_circuit() -> None:
    roles = {"r": Role("r", END, S, tuple(Member(head(5, i)) for i in range(12)))}
    assert cover_circuits(replace(gpt2(), roles=roles, edges={}, claimed_edges={})) == ()


def test_fewer_are_the_first_of_more_and_the_seed_draws_them() -> None:
    few, many = cover_circuits(gpt2(cover=RandomCover(5))), cover_circuits(gpt2())
    assert [one.roles for one in few] == [one.roles for one in many[:5]]
    assert cover_circuits(gpt2(seed=1))[0].roles != many[0].roles


@pytest.mark.parametrize(
    ("call", "comparator", "held"),
    [
        ("faithfulness(as=ratio)", ">=", True),
        ("faithfulness(as=ratio)", "~=", True),
        ("faithfulness(as=ratio)", "<=", False),
        ("faithfulness(as=normalized)", ">=", True),
        ("faithfulness(as=gap)", "<=", True),
        ("faithfulness(as=gap)", ">=", False),
        ("faithfulness(as=kl)", "<=", True),
        ("complement()", "<=", False),
    ],
)
def test_random_circuits_are_for_claims_that_enough_is_kept(
    call: str, comparator: Comparator, held: bool
) -> None:
    asked = claim(call, comparator)
    assert ("random" in covers_of(gpt2(), asked)) == held
    assert "random" not in covers_of(gpt2(cover=None), asked)


def test_the_plan_runs_random_circuits_on_their_examples() -> None:
    needs = make_plan(gpt2(cover=RandomCover(3, 10))).needs["faithful"]
    drawn = cover_circuits(gpt2(cover=RandomCover(3, 10)))
    for i, one in enumerate(drawn, start=1):
        assert needs[f"cover random {i}"] == Evaluation(circuit_variant(one), examples=10)
    assert {k for k in needs if "cover" in k} == {
        "cover M",
        "cover ∅",
        *(f"cover random {i}" for i in (1, 2, 3)),
    }

from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Circuit, Granularity
from circuitlang.circuit.expand import expand
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, feeds
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.random_paths import random_additions
from circuitlang.plan.variant import circuit_variant, extended, pruned
from tests.plan.circuits import END, GPT2, S
from tests.plan.test_cover import EDGES, gpt2


def wide(granularity: Granularity, *, keep_mlps: bool = False) -> Circuit:
    plain = replace(gpt2(granularity=granularity), keep_mlps=keep_mlps)
    if not keep_mlps:
        return plain
    edges, _ = expand(plain.roles, (), plain.policy, GPT2, True)
    return replace(plain, edges={**edges, **EDGES})


def edges_of(circuit: Circuit) -> list[list[Edge]]:
    return [
        [part for part in one.added if isinstance(part, Edge)]
        for one in random_additions(circuit, 50)
    ]


def test_an_added_path_leads_from_the_input_to_the_logits() -> None:
    for path in edges_of(wide("edges")):
        onward = {edge.source: edge for edge in path}
        node, steps = INPUT, 0
        while node in onward:
            assert feeds(*onward[node][:2])
            node, steps = onward[node].target, steps + 1
        assert (node, steps) == (LOGITS, len(path))


def test_with_kept_mlps_only_what_is_new_is_added() -> None:
    circuit = wide("edges", keep_mlps=True)
    for one in random_additions(circuit, 50):
        assert one.removed in one.added
        for part, at in one.added.items():
            assert isinstance(part, Edge)
            assert not at & circuit.edges.get(part, at - at)


def test_a_path_stays_where_the_circuit_works_and_ends_where_the_metric_is_read() -> None:
    for path in random_additions(wide("edges"), 50):
        assert not any(at - (S | END) for at in path.added.values())
        assert [at for part, at in path.added.items() if part.target == LOGITS] == [END]  # type: ignore[union-attr]


def test_under_nodes_the_heads_of_a_path_are_added() -> None:
    circuit = wide("nodes", keep_mlps=True)
    found = random_additions(circuit, 50)
    assert len(found) == 50
    for one in found:
        assert all(isinstance(part, Node) and part.kind == "head" for part in one.added)
        assert not set(one.added) & set(circuit.members)


def test_positions_all_adds_everywhere() -> None:
    circuit = gpt2(granularity="edges", positions="all")
    places = {at for one in random_additions(circuit, 20) for at in one.added.values()}
    assert places == {EVERYWHERE}


def test_fewer_are_the_first_of_more_and_the_seed_draws_them() -> None:
    few, many = random_additions(wide("edges"), 5), random_additions(wide("edges"), 50)
    assert few == many[:5]
    assert random_additions(gpt2(granularity="edges", seed=1), 5) != few


def test_a_circuit_that_no_path_can_be_added_to_gets_none() -> None:
    """Its heads all write where the metric is not read, and nothing else moves on."""
    roles = {"early": gpt2().roles["early"]}
    stuck = replace(gpt2(), roles=roles, edges={}, claimed_edges={})
    assert random_additions(stuck, 3) == ()


@pytest.mark.parametrize("granularity", ["nodes", "edges"])
def test_what_is_added_and_removed_again_is_the_circuit(granularity: Granularity) -> None:
    circuit = wide(granularity)
    whole = circuit_variant(circuit)
    for one in random_additions(circuit, 10):
        back = extended(whole, one.added)
        assert back != whole
        for part in one.added:
            back = pruned(back, part)
        kept = {o.what for o in whole.overrides} - set(one.added)
        assert {o.what for o in back.overrides} == kept


def test_a_member_is_pruned_as_minimality_removes_it() -> None:
    circuit = gpt2()
    for node in circuit.members:
        assert pruned(circuit_variant(circuit), node) == circuit_variant(circuit, frozenset({node}))

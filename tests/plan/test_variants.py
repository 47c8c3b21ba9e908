from __future__ import annotations

from circuitlang.circuit.names import INPUT, Edge, mlp
from circuitlang.plan.variant import (
    Override,
    Variant,
    Version,
    circuit_variant,
    complement_variant,
    empty_variant,
    knockout_variant,
)
from tests.plan.circuits import CLAIMED, EARLY, END, LATE, MOVER, S, circuit


def ablated(variant: Variant) -> dict[object, object]:
    assert variant.default is Version.LIVE
    assert all(o.version is Version.ABLATED for o in variant.overrides)
    return {o.what: o.at for o in variant.overrides}


def test_the_complement_of_nodes_ablates_the_members_where_they_are_kept() -> None:
    assert ablated(complement_variant(circuit())) == {EARLY: S, LATE: S, MOVER: END}


def test_the_complement_of_edges_ablates_the_claimed_edges_only() -> None:
    assert ablated(complement_variant(circuit(granularity="edges", keep_mlps=True))) == CLAIMED


def test_the_complement_leaves_kept_mlps_alone() -> None:
    removed = ablated(complement_variant(circuit(keep_mlps=True)))
    assert mlp(0) not in removed


def test_the_circuit_without_a_member_keeps_the_edges_into_it() -> None:
    variant = circuit_variant(circuit(granularity="edges"), without=frozenset({EARLY}))
    kept = {o.what for o in variant.overrides}
    assert Edge(INPUT, EARLY, "v") in kept
    assert Edge(EARLY, MOVER, "v") not in kept


def test_knocking_out_a_stranger_ablates_it_everywhere() -> None:
    (only,) = knockout_variant(circuit(), frozenset({mlp(1)})).overrides
    assert isinstance(only, Override)
    assert only.at.everywhere


def test_nothing_kept_still_keeps_the_input() -> None:
    assert [o.what for o in empty_variant(circuit()).overrides] == [INPUT]

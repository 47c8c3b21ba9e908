"""What is computed again after a change, by the names of values."""

from __future__ import annotations

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, Reader, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import Layout, classes_of
from circuitlang.plan.values import SparsePlan
from circuitlang.plan.variant import MODEL, Override, Variant, Version, path_variant
from circuitlang.plan.walk import plan_values

SHAPE = ModelShape("gpt2", 3, 2, 2, 8, 4, 16, 50, 32)
CLASSES = classes_of([Layout(6, {"S": (2,), "END": (5,)}, (5,))], ("S", "END"))
S, END = Positions.of(["S"]), Positions.of(["END"])
EARLY, MOVER, LATE = head(0, 0), head(1, 1), head(2, 0)


def plan(*variants: Variant) -> SparsePlan:
    return plan_values(variants, SHAPE, CLASSES)


def kept(*nodes: tuple[Node, Positions], mlps: bool = False) -> Variant:
    live = [(INPUT, EVERYWHERE), *((mlp(i), EVERYWHERE) for i in range(3) if mlps), *nodes]
    overrides = (Override(node, at, Version.LIVE) for node, at in live)
    return Variant(Version.ABLATED, tuple(overrides))


def kept_edges(*edges: tuple[Edge, Positions]) -> Variant:
    overrides = (Override(edge, at, Version.LIVE) for edge, at in edges)
    return Variant(Version.ABLATED, tuple(overrides))


def recomputed(before: Variant, after: Variant) -> set[str]:
    """What the second variant needs beyond the first."""
    return set(plan(before, after).names) - set(plan(before).names)


CIRCUIT = kept((EARLY, S), (MOVER, END), (LATE, END))


def test_a_circuit_computes_its_members_where_they_are_kept() -> None:
    assert set(plan(CIRCUIT).names) == {"a0.h0@S#0", "a1.h1@END#0", "a2.h0@END#0"}


def test_leaving_out_the_last_head_computes_nothing() -> None:
    assert recomputed(CIRCUIT, kept((EARLY, S), (MOVER, END))) == set()


def test_leaving_out_a_head_recomputes_what_reads_it() -> None:
    assert recomputed(CIRCUIT, kept((EARLY, S), (LATE, END))) == {"a2.h0@END#1"}
    assert recomputed(CIRCUIT, kept((MOVER, END), (LATE, END))) == {"a1.h1@END#1", "a2.h0@END#1"}


def test_kept_mlps_are_recomputed_at_changed_rows_alone() -> None:
    circuit = kept((EARLY, S), (MOVER, END), mlps=True)
    assert recomputed(circuit, kept((EARLY, S), mlps=True)) == {"m1@END#1", "m2@END#1"}
    # Without a head at S no head sees S but the mover, from END.
    assert recomputed(circuit, kept((MOVER, END), mlps=True)) == {
        "m0@S#1",
        "a1.h1@END#1",
        "m1@END#1",
        "m2@END#1",
    }


def test_rows_before_a_change_are_the_models_own() -> None:
    knocked = Variant(Version.LIVE, (Override(MOVER, END, Version.ABLATED),))
    assert recomputed(MODEL, knocked) == {"m1@END#1", "a2.h0@END#1", "a2.h1@END#1", "m2@END#1"}
    at_s = Variant(Version.LIVE, (Override(EARLY, S, Version.ABLATED),))
    assert not any("rest.1" in name for name in recomputed(MODEL, at_s))


def test_what_the_metric_does_not_depend_on_is_not_in_the_plan() -> None:
    names = plan(MODEL).names
    assert {"m2@END#0", "a2.h0@END#0"} <= set(names)
    assert not {"m2@S#0", "a2.h0@S#0"} & set(names)
    assert plan(kept((LATE, S))).names == ()


def test_equal_values_of_different_variants_are_one() -> None:
    everywhere = kept(*((node, EVERYWHERE) for node in (*SHAPE.heads, *SHAPE.mlps)))
    assert recomputed(MODEL, everywhere) == set()


EDGES = (
    (Edge(INPUT, EARLY, "v"), S),
    (Edge(EARLY, MOVER, "v"), S),
    (Edge(EARLY, LATE, "k"), S),
    (Edge(MOVER, LOGITS), END),
    (Edge(LATE, LOGITS), END),
)


def test_leaving_out_an_edge_recomputes_its_target() -> None:
    circuit = kept_edges(*EDGES)
    assert set(plan(circuit).names) == {"a0.h0@S#0", "a1.h1@END#0", "a2.h0@END#0"}
    without = {
        str(edge): kept_edges(*(kept for kept in EDGES if kept[0] != edge)) for edge, _ in EDGES
    }
    assert {name: recomputed(circuit, variant) for name, variant in without.items()} == {
        "input->a0.h0<v>": {"a0.h0@S#1", "a1.h1@END#1", "a2.h0@END#1"},
        "a0.h0->a1.h1<v>": {"a1.h1@END#1"},
        "a0.h0->a2.h0<k>": {"a2.h0@END#1"},
        "a1.h1->logits": set(),
        "a2.h0->logits": set(),
    }


def test_equal_variants_give_equal_plans() -> None:
    variants = (MODEL, CIRCUIT, kept_edges(*EDGES))
    assert plan(*variants) == plan(*variants)


def test_a_path_to_the_logits_recomputes_mlps_alone() -> None:
    patched = path_variant(SHAPE, {MOVER: EVERYWHERE}, {Reader(LOGITS): EVERYWHERE})
    assert recomputed(MODEL, patched) == {"m1@END#1", "m2@END#1"}
    earlier = path_variant(SHAPE, {EARLY: EVERYWHERE}, {Reader(LOGITS): EVERYWHERE})
    assert recomputed(MODEL, earlier) == {"m0@END#1", "m1@END#1", "m2@END#1"}
    # The frozen heads are the model's own; its last MLP, which no head reads, is not computed.
    assert recomputed(patched, earlier) == {"m0@END#1", "m1@END#2", "m2@END#1"}


def test_a_path_to_a_query_recomputes_the_mlps_on_it_and_what_follows_the_receiver() -> None:
    patched = path_variant(SHAPE, {EARLY: EVERYWHERE}, {Reader(MOVER, "q"): END})
    assert recomputed(MODEL, patched) == {
        "m0@END#1",  # on the path
        "a1.h1@END#1",  # the receiver
        "m1@END#1",  # and all that reads it
        "a2.h0@END#1",
        "a2.h1@END#1",
        "m2@END#1",
    }


def test_a_sender_where_nothing_is_read_changes_nothing() -> None:
    patched = path_variant(SHAPE, {EARLY: S}, {Reader(MOVER, "q"): END})
    assert recomputed(MODEL, patched) == set()

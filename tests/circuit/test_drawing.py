from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from circuitlang.circuit.circuit import Circuit, Member, Role
from circuitlang.circuit.drawing import draw, fragment
from circuitlang.circuit.drawing.columns import columns
from circuitlang.circuit.drawing.draw import MOST_EDGES
from circuitlang.circuit.drawing.layout import layout
from circuitlang.circuit.drawing.markup import element, join
from circuitlang.circuit.names import INPUT, LOGITS, Edge, head
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.pipeline.compile import compile_file
from tests.e2e.commands import SPECS
from tests.plan.circuits import CLAIMED, MOVER, circuit


def spec(name: str) -> Circuit:
    found = compile_file(SPECS / name).circuit
    assert found is not None
    return found


def edges(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [g.get("data-edge", "") for g in root.iter("g") if "data-edge" in g.attrib]


@pytest.mark.parametrize(
    "name", ["ioi_smollm2.circuit", "induction_smollm2.circuit", "gpt2/ioi.circuit"]
)
def test_every_claimed_edge_and_every_member_is_drawn_once(name: str) -> None:
    one = spec(name)
    drawing = draw(one)
    assert sorted(edges(drawing.svg)) == sorted(map(str, one.claimed_edges))
    assert set(drawing.nodes) == set(one.members)
    assert (drawing.edges, drawing.left_out) == (len(one.claimed_edges), 0)


def test_columns_follow_the_prompts() -> None:
    assert columns([spec("gpt2/ioi.circuit")]) == ("S1", "IO", "S1+1", "S2", "END")
    assert columns([spec("ioi_smollm2.circuit")]) == ("S1", "S1+1", "S2", "END")


def test_later_layers_stand_higher_and_columns_do_not_overlap() -> None:
    plan = layout([spec("ioi_smollm2.circuit")])
    heights = {seat.node.layer: seat.y for seat in plan.seats}
    by_layer = [heights[layer] for layer in sorted(heights)]
    assert by_layer == sorted(by_layer, reverse=True)
    ends = list(plan.columns.values())
    assert all(left[1] <= right[0] for left, right in pairwise(ends))
    assert plan.logits.y < min(by_layer) < max(by_layer) < plan.input_y


def test_boxes_stand_in_their_columns_and_apart() -> None:
    plan = layout([spec("gpt2/ioi.circuit")])
    half = plan.sizes.width / 2
    for seat in plan.seats:
        left, right = plan.columns[seat.column]
        assert left <= seat.x - half
        assert seat.x + half <= right
    for row in {seat.y for seat in plan.seats}:
        xs = sorted(seat.x for seat in plan.seats if seat.y == row)
        assert all(b - a >= plan.sizes.width for a, b in pairwise(xs))


def test_keys_and_values_come_from_where_the_head_looks() -> None:
    one = circuit()
    plan = layout([one])
    assert set(plan.columns) == {"S", "END"}
    (seat,) = [s for s in plan.seats if s.node == MOVER]
    assert seat.column == "END"
    svg = draw(one).svg
    start = re.search(r'data-edge="input-&gt;a0.h0&lt;v&gt;".*?d="M([0-9.]+)', svg)
    assert start is not None
    assert float(start[1]) == pytest.approx(plan.middle("S"), abs=0.1)


def test_two_circuits_over_each_other() -> None:
    first = circuit()
    roles = dict(first.roles)
    roles["mover"] = replace(roles["mover"], members=(Member(head(1, 0)),))
    extra = Edge(head(1, 0), LOGITS)
    kept = {**CLAIMED, extra: EVERYWHERE}
    del kept[Edge(MOVER, LOGITS)]
    second = replace(first, name="other", roles=roles, edges=kept, claimed_edges=kept)
    svg = draw(first, second).svg

    def only(side: str, tag: str) -> set[str]:
        root = ElementTree.fromstring(svg)
        found = [e for e in root.iter() if f"only-{side}" in (e.get("class") or "").split()]
        return {e.get("data-edge") or e.get("aria-label") or "" for e in found if e.tag == tag}

    assert {e for e in only("a", "g") if "->" in e} == {"a1.h1->logits"}
    assert {e for e in only("b", "g") if "->" in e} == {"a1.h0->logits"}
    assert any(label.startswith("a1.h1, mover") for label in only("a", "g"))
    assert any(label.startswith("a1.h0, mover") for label in only("b", "g"))
    assert "−a1.h1" in svg
    assert "+a1.h0" in svg
    # What both have is as it would be alone.
    assert "only-" not in draw(first, first).svg


def test_two_versions_of_a_circuit_are_told_apart() -> None:
    """They have one name; whatever only one has is said of A or B, in the legend and to those who
    cannot see it. Roles are counted in each."""
    first = circuit()
    roles = dict(first.roles)
    roles["mover"] = replace(roles["mover"], members=(Member(MOVER), Member(head(1, 0))))
    roles["new"] = Role("new", EVERYWHERE, EVERYWHERE, (Member(head(0, 1)),))
    extra = Edge(head(1, 0), LOGITS)
    kept = {**CLAIMED, extra: EVERYWHERE}
    second = replace(first, roles=roles, edges=kept, claimed_edges=kept)
    text, _ = fragment(first, second)
    assert f'<title id="circuit-title">{first.name} (A) and {first.name} (B):' in text
    assert "− only in A" in text
    assert "+ only in B" in text
    assert "in A at END, 1 node; in B at END, 2 nodes" in text
    assert "at any, 1 node, only in B" in text
    assert f"only in {first.name}" not in text
    assert "only in" not in fragment(first)[0]


def test_what_may_lie_over_a_corner_is_said_by_the_drawing() -> None:
    """The page lays a panel over the upper left of wide drawings, unless a node stands there."""
    one = spec("ioi_smollm2_rival.circuit")
    assert 'class="drawing wide"' in draw(one).svg
    early = Role("early", Positions.of(["S1"]), EVERYWHERE, (Member(head(24, 8)),))
    other = replace(one, roles={**one.roles, "early": early})
    assert 'class="drawing wide cornered"' in draw(other).svg


def test_a_node_that_is_told_of_is_a_link_to_what_is_told() -> None:
    text, rules = fragment(circuit(), name="x", told={MOVER: ["moves it"]})
    assert 'href="#x-a1.h1"' in text
    assert 'id="x-a1.h1"' in text
    assert "moves it" in text
    assert '.told[id="x-a1.h1"]' in rules


def test_what_is_too_much_is_left_out_and_counted() -> None:
    many = {Edge(INPUT, head(i // 64, i % 64), p): EVERYWHERE for i in range(1200) for p in "qkv"}  # type: ignore[arg-type]
    members = tuple(Member(head(i // 64, i % 64)) for i in range(1200))
    one = replace(
        circuit(),
        roles={"all": Role("all", EVERYWHERE, EVERYWHERE, members)},
        edges=many,
        claimed_edges=many,
    )
    drawing = draw(one)
    assert drawing.edges == MOST_EDGES
    assert drawing.left_out == len(many) - MOST_EDGES
    assert 'class="drawing small dense wide huge cornered"' in drawing.svg


def test_a_circuit_of_nothing_still_has_a_picture() -> None:
    empty = replace(circuit(), roles={}, edges={}, claimed_edges={})
    assert draw(empty).nodes == ()
    assert "logits" in draw(empty).svg


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", "<&>", title='"')
    assert inner == '<b title="&quot;">&lt;&amp;&gt;</b>'
    assert join(inner, "<") == f"{inner}&lt;"
    assert element("i", inner, class_="x", aria_label=None) == f'<i class="x">{inner}</i>'

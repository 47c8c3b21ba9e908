"""The specs of published circuits stand for exactly the edges that other tools list."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from circuitlang.circuit.expand import with_policy, with_shape
from circuitlang.circuit.graph import edge_names
from circuitlang.circuit.positions import EVERYWHERE
from tests.check.specs import load

DATA = Path(__file__).parents[1] / "data"


def listed(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def test_ioi_with_mlps_is_acdcs_list() -> None:
    assert edge_names(load("gpt2/ioi.circuit")) == set(listed("ioi_gpt2_edges.json")["acdc"])


def test_ioi_claims_the_edges_between_heads_at_their_positions() -> None:
    claimed = load("gpt2/ioi.circuit").claimed_edges
    at = {str(edge): sorted(where.names) for edge, where in claimed.items()}
    assert at == listed("ioi_gpt2_edges.json")["heads"]


def test_greater_than_is_the_list_of_three_peers() -> None:
    names = edge_names(load("gpt2/greater_than.circuit"))
    assert names == set(listed("greater_than_gpt2_edges.json")["edges"])


def test_naive_circuit_is_part_of_the_full_one() -> None:
    full, naive = load("gpt2/ioi.circuit"), load("gpt2/ioi_naive.circuit")
    assert set(naive.claimed_edges) < set(full.claimed_edges)
    assert set(naive.members) < set(full.members)


def test_edges_follow_the_policy_of_positions() -> None:
    ioi = load("gpt2/ioi.circuit")
    everywhere = with_policy(ioi, replace(ioi.policy, positions="all"))
    assert set(everywhere.edges) == set(ioi.edges)
    assert set(everywhere.edges.values()) == {EVERYWHERE}
    assert with_policy(everywhere, ioi.policy) == ioi


def test_mlps_are_kept_once_the_shape_is_known() -> None:
    ioi = load("gpt2/ioi.circuit")
    assert ioi.shape is not None
    blind = with_policy(replace(ioi, shape=None), ioi.policy)
    assert blind.edges == ioi.claimed_edges
    assert with_shape(blind, ioi.shape) == ioi


def test_kept_mlps_are_not_claimed() -> None:
    ioi = load("gpt2/ioi.circuit")
    assert not any("mlp" in (edge.source.kind, edge.target.kind) for edge in ioi.claimed_edges)
    assert not any(node.kind == "mlp" for node in ioi.members)

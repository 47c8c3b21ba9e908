"""What the peer is asked for, and which of our numbers that is."""

from __future__ import annotations

from typing import Any

from bench.works import Circuit, Nodes, Paths, WithoutEdges

TASK: dict[str, Any] = {
    "prompts": [{}] * 32,
    "works": {"w": [{}] * 27},
    "edges": [f"m{i}->logits" for i in range(50)],
    "senders": [[layer, head] for layer in range(12) for head in range(12)],
}


def test_rounds_together_cover_every_variant_once() -> None:
    parts = [Nodes("w").part(TASK, turn, 3) for turn in range(3)]
    assert sorted(row for part in parts for row in part.rows) == list(range(27))


def test_time_is_scaled_to_all_variants() -> None:
    parts = [Nodes("w").part(TASK, turn, 4) for turn in range(4)]
    assert all(len(part.rows) * part.scale == 27 for part in parts)


def test_a_peer_does_no_more_than_it_is_given() -> None:
    part = Paths("logits", most=4).part(TASK, 1, 3)
    assert len(part.rows) == len(part.request["senders"]) == 4
    assert part.request["senders"] == [TASK["senders"][row] for row in part.rows]


def test_shares_are_spread_over_the_layers() -> None:
    rows = [row for turn in range(3) for row in Paths("logits", most=4).part(TASK, turn, 3).rows]
    assert {row // 12 for row in rows} == set(range(12))


def test_our_first_row_is_the_whole_circuit() -> None:
    work = WithoutEdges(step=2)
    part = work.part(TASK, 0, 3)
    removed = work.ours(TASK)["removed"]
    assert part.request["removed"] == [removed[row - 1] for row in part.rows]
    assert len(removed) == 25


def test_some_prompts_are_the_first_columns() -> None:
    part = Circuit(most=16).part(TASK, 0, 1)
    assert (part.request["examples"], part.columns, part.scale) == (16, 16, 2)

"""A row of the results, from two workers that answer what they are told."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.compare import Sides, compare, same_logits
from bench.rows import Row
from bench.workers import Answer, Worker
from bench.works import Nodes

TASK = {"prompts": [{}], "works": {"w": [{}, {}]}}
ROW = Row("w", "p", "lens", "gpt2-shape", 1, 3.0, Nodes("w"), 2, 1e-3)


class Told:
    """Two variants of one prompt: 1 and ``second``."""

    def __init__(self, seconds: float, second: float) -> None:
        self.seconds, self.second = seconds, second

    def ask(self, _operation: str, **arguments: Any) -> Answer:
        values = [[1.0], [self.second]]
        chosen = arguments.get("chosen", [0, 1])
        return Answer(self.seconds, [values[i] for i in chosen], 0.0, 1.0, 1.0, None)


def sides(ours: Told, peer: Told) -> Sides:
    return Sides(cast(Worker, ours), cast(Worker, peer), "task.json", TASK)


def say(_text: str) -> None:
    """Nobody listens."""


def test_ratio_is_of_all_of_the_work() -> None:
    found = compare(ROW, sides(Told(0.5, 2.0), Told(1.0, 2.0)), say)
    assert (found["ratio_min"], found["ratio_median"], found["ratio_max"]) == (4, 4, 4)
    assert found["agree"]
    assert found["reached"]


def test_a_number_that_differs_in_any_round_is_found() -> None:
    found = compare(ROW, sides(Told(0.5, 2.0), Told(1.0, 2.1)), say)
    assert not found["agree"]
    assert found["max_difference"] == pytest.approx(0.1)


def test_nan_agrees_with_nothing() -> None:
    once = ROW._replace(rounds=1)
    found = compare(once, sides(Told(0.5, 2.0), Told(1.0, float("nan"))), say)
    assert not found["agree"]
    assert found["max_difference"] is None


def test_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="not the same model"):
        same_logits(sides(Told(1, 2.0), Told(1, 2.1)))

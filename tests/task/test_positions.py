from __future__ import annotations

from itertools import pairwise

import pytest

from circuitlang.circuit.circuit import PositionDef
from circuitlang.task.dataset import Tokens
from circuitlang.task.positions import resolve

RULES = {
    "FIRST": PositionDef("FIRST", "first"),
    "END": PositionDef("END", "last"),
    "X": PositionDef("X", "slot"),
    "X+1": PositionDef("X+1", "after", "X"),
    "X+2": PositionDef("X+2", "after", "X+1"),
    "X-1": PositionDef("X-1", "before", "X"),
}
AT_TWO: dict[str, Tokens] = {"X": (2,)}


@pytest.mark.parametrize("bos", [False, True])
def test_rules_count_tokens_and_bos_shifts_them(bos: bool) -> None:
    expected = {"FIRST": 0, "END": 5, "X": 2, "X+1": 3, "X+2": 4, "X-1": 1}
    found = resolve(RULES, AT_TWO, 6, bos)
    assert found == {name: (index + bos,) for name, index in expected.items()}


def test_after_several_tokens_is_after_the_last_of_them() -> None:
    found = resolve(RULES, {"X": (2, 3, 4)}, 6, False)
    assert (found["X+1"], found["X-1"]) == ((5,), (1,))


def test_before_the_first_token_lies_bos_if_anything() -> None:
    rules = {"B": PositionDef("B", "before", "FIRST"), "FIRST": RULES["FIRST"]}
    assert resolve(rules, {}, 3, True)["B"] == (0,)
    assert resolve(rules, {}, 3, False)["B"] == "`FIRST` is its first token"


def test_after_the_last_token_there_is_nothing() -> None:
    found = resolve({"E": PositionDef("E", "after", "END"), "END": RULES["END"]}, {}, 3, False)
    assert found == {"E": "`END` is its last token", "END": (2,)}


def test_what_follows_a_slot_that_is_not_there_is_not_there() -> None:
    found = resolve(RULES, {}, 6, False)
    assert found["X"] is found["X+1"] is found["X+2"] is None
    assert found["END"] == (5,)


def test_a_chain_of_rules_may_be_long() -> None:
    names = [f"P{i}" for i in range(5000)]
    chain = {b: PositionDef(b, "after", a) for a, b in pairwise(names)}
    backwards = {name: chain[name] for name in reversed(chain)}
    found = resolve({**backwards, "P0": PositionDef("P0", "first")}, {}, 6000, False)
    assert found["P4999"] == (4999,)


def test_a_rule_of_the_task_outdoes_a_mark_of_that_name() -> None:
    assert resolve({"X": PositionDef("X", "last")}, AT_TWO, 6, False) == {"X": (5,)}

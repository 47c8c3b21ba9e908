from __future__ import annotations

import pytest

from circuitlang.circuit.positions import EVERYWHERE, NOWHERE, Positions
from circuitlang.plan.classes import Layout, bits, classes_of

ABBA = Layout(5, {"S": (1,), "IO": (2,), "END": (4,)}, (4,))
BABA = Layout(5, {"S": (2,), "IO": (1,), "END": (4,)}, (4,))


def test_tokens_are_told_apart_by_names_and_by_what_stands_before() -> None:
    classes = classes_of([ABBA], ("S", "END"))
    assert classes.labels == ("rest.1", "S", "rest.2", "END")
    assert classes.tokens == ((0, 1, 2, 2, 3),)


def test_a_name_that_no_variant_uses_makes_no_class() -> None:
    assert classes_of([ABBA], ()).labels == ("rest", "read")


def test_only_what_stands_at_or_before_a_token_can_influence_it() -> None:
    classes = classes_of([ABBA], ("S", "END"))
    assert [list(bits(before)) for before in classes.before] == [
        [0],
        [0, 1],
        [0, 1, 2],
        [0, 1, 2, 3],
    ]


def test_orders_of_different_examples_unite() -> None:
    classes = classes_of([ABBA, BABA], ("S", "IO", "END"))
    assert classes.labels == ("rest.1", "S.1", "IO.1", "rest.2", "END", "IO.2", "S.2")
    seen = {classes.labels[c] for c in bits(classes.before[classes.labels.index("END")])}
    assert seen == set(classes.labels)
    second = classes.before[classes.labels.index("S.2")]
    assert {classes.labels[c] for c in bits(second)} == {"rest.1", "IO.2", "S.2"}


def test_masks_follow_the_algebra_of_positions() -> None:
    classes = classes_of([Layout(3, {"A": (0, 1), "B": (1,)}, (2,))], ("A", "B"))
    assert classes.labels == ("A", "A&B", "read")
    assert classes.mask(Positions.of(["A"])) == 0b011
    assert classes.mask(~Positions.of(["B"])) == 0b101
    assert (classes.mask(EVERYWHERE), classes.mask(NOWHERE)) == (0b111, 0)


def test_many_orders_fall_back_to_names_alone() -> None:
    names = [f"P{i}" for i in range(9)]
    layouts = [
        Layout(9, {name: ((i * k + k) % 10 - 1,) for i, name in enumerate(names)}, (8,))
        for k in (1, 3, 7, 9)
    ]
    layouts += [
        Layout(9, {name: ((i + shift) % 9,) for i, name in enumerate(names)}, (8,))
        for shift in range(9)
    ]
    classes = classes_of(layouts, names)
    assert len(classes) <= 2 * len(names)
    assert sum(classes.counts()) == 9 * len(layouts)


def test_an_example_without_a_name_is_refused() -> None:
    with pytest.raises(KeyError):
        classes_of([ABBA], ("S2",))

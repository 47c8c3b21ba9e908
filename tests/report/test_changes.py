from __future__ import annotations

from circuitlang.report.changes import Change, differences


def said(recorded: object, found: object) -> list[str]:
    return [str(one) for one in differences(recorded, found, lambda a, b: a == b)]


def test_a_change_names_its_place_and_both_values() -> None:
    recorded = {"claims": [{"name": "faithful", "estimate": 0.75, "n": 16, "seconds": 1.0}]}
    found = {"claims": [{"name": "faithful", "estimate": 0.5, "n": 16, "seconds": 2.0}]}
    assert said(recorded, found) == ["claims[faithful].estimate: recorded 0.75, found 0.5"]


def test_numbers_that_differ_are_never_shown_alike() -> None:
    """Six digits are shown, unless it takes more to see the difference."""
    assert said({"x": 0.7491944}, {"x": 0.7}) == ["x: recorded 0.749194, found 0.7"]
    assert said({"x": 0.7491944}, {"x": 0.7491945}) == ["x: recorded 0.7491944, found 0.7491945"]


def test_true_is_not_one_and_control_characters_are_visible() -> None:
    assert said({"met": True}, {"met": 1}) == ["met: recorded true, found 1"]
    assert "\x1b" not in str(Change("text", "a\x1b[31m", "b"))

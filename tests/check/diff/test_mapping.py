"""What is called differently in two files is found, or said."""

from __future__ import annotations

import pytest

from circuitlang.check.diff.mapping import MapError
from circuitlang.circuit.difference import Rename
from tests.check.diff.texts import BASE, changed, difference

RENAMED = (
    changed(("role late", "role final"), ("early -> late", "early -> final"))
    .replace("edge late", "edge final")
    .replace("role=late", "role=final")
)


def test_a_role_under_another_name_is_known_by_its_members() -> None:
    found = difference(BASE, RENAMED)
    assert found.renames == (Rename("role", "late", "final"),)
    assert found.changes == ()
    assert found, "a new name is a difference"


def test_half_of_the_members_is_enough_and_less_is_not() -> None:
    half = RENAMED.replace("    head a10.h1\n", "")
    assert difference(BASE, half).renames == (Rename("role", "late", "final"),)
    third = RENAMED.replace("head a10.h1", "head a11.h1")
    assert difference(BASE, third).renames == ()


def test_swapped_files_have_swapped_pairs() -> None:
    (there,), (back,) = difference(BASE, RENAMED).renames, difference(RENAMED, BASE).renames
    assert (there.before, there.after) == (back.after, back.before)


def test_a_claim_under_another_name_is_known_by_what_it_claims() -> None:
    other = changed(("claim repeats", "claim inducts"), ("waive repeats", "waive inducts"))
    found = difference(BASE, other)
    assert found.renames == (Rename("claim", "repeats", "inducts"),)
    assert found.changes == ()


def test_a_name_that_the_user_gives_goes_first() -> None:
    third = RENAMED.replace("head a10.h1", "head a11.h1")
    found = difference(BASE, third, [("late", "final")])
    assert found.renames == (Rename("role", "late", "final", given=True),)
    assert {change.path for change in found.changes} == {
        "role/final/head/a10.h1",
        "role/final/head/a11.h1",
    }


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("late", "nothing")], "no role or claim `late`"),
        ([("late", "final"), ("early", "final")], "more than once"),
        ([("late", "early")], "has a role `early` too"),
    ],
)
def test_pairs_that_cannot_be_are_refused(pairs: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(MapError, match=said):
        difference(BASE, RENAMED, pairs)


def test_two_names_can_change_places() -> None:
    found = difference(BASE, BASE, [("late", "early"), ("early", "late")])
    assert len(found.renames) == 2
    assert found.changes

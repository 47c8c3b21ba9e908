"""The words of the SmolLM2 specs are not those that the circuit was searched with."""

from __future__ import annotations

import pytest

from tests.e2e.commands import SPECS


@pytest.mark.parametrize("kind", ["names", "places", "objects"])
def test_no_word_is_in_both_lists(kind: str) -> None:
    words = set((SPECS / "words" / f"{kind}.txt").read_text().split())
    searched = set((SPECS / "words" / "search" / f"{kind}.txt").read_text().split())
    assert words
    assert searched
    assert not words & searched

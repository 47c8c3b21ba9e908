"""Sets of positions are compared with ordinary sets over a small universe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from circuitlang.circuit.positions import EVERYWHERE, NOWHERE, Positions

UNIVERSE = frozenset("ABCDE")
SETS = st.builds(Positions, st.frozensets(st.sampled_from("ABC")), st.booleans())


def meant(positions: Positions) -> frozenset[str]:
    return UNIVERSE - positions.names if positions.complement else positions.names


@given(SETS, SETS)
def test_algebra_is_that_of_sets(a: Positions, b: Positions) -> None:
    assert meant(a & b) == meant(a) & meant(b)
    assert meant(a | b) == meant(a) | meant(b)
    assert meant(a - b) == meant(a) - meant(b)
    assert meant(~a) == UNIVERSE - meant(a)


@given(SETS)
def test_truth_is_whether_a_position_can_be_in_it(a: Positions) -> None:
    assert bool(a) == bool(meant(a))


def test_it_is_shown_as_it_is_written() -> None:
    assert str(Positions.of(["S2", "END"])) == "END, S2"
    assert str(EVERYWHERE) == "any"
    assert str(EVERYWHERE - Positions.of(["END"])) == "all but END"
    assert not NOWHERE

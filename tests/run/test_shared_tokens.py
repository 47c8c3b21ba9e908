"""Two position names on one token. Sets of names are exact there; mixtures are not yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.positions import Positions
from circuitlang.run.batch import make_batches
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

A, B = Positions.of("A"), Positions.of("B")


def masks(*sets: Positions) -> list[list[bool]]:
    """Each set over the tokens of one example in which the first token bears both A and B."""
    one = replace(dataset((5,)).examples[0], positions={"A": (0,), "B": (0, 3)})
    (batch,) = make_batches(replace(dataset((5,)), examples=(one,)), decoder(gpt2()))
    return [batch.mask(at)[0].tolist() for at in sets]


def test_names_added_and_names_taken_from_everywhere_are_exact() -> None:
    a, b, either, neither = masks(A, B, A | B, ~A - B)
    assert either == [x or y for x, y in zip(a, b, strict=True)]
    assert neither == [not x and not y for x, y in zip(a, b, strict=True)]


@pytest.mark.xfail(strict=True, reason="names combine as names: see docs/design/002-variants.md")
def test_a_mixture_is_exact() -> None:
    a, b, difference = masks(A, B, A - B)
    assert difference == [x and not y for x, y in zip(a, b, strict=True)]

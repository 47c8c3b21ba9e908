from __future__ import annotations

import pytest
import torch

from circuitlang.circuit.positions import EVERYWHERE, NOWHERE, Positions
from circuitlang.run.batch import cut, make_batches
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

MODEL = decoder(gpt2())


@pytest.mark.parametrize("size", [None, 1, 2, 7])
def test_every_example_is_in_one_batch(size: int | None) -> None:
    batches = cut([5, 3, 9, 3, 5], MODEL, size)
    assert sorted(i for batch in batches for i in batch) == [0, 1, 2, 3, 4]
    assert all(len(batch) <= (size or 5) for batch in batches)


def test_long_sequences_go_in_small_batches() -> None:
    few, many = cut([1000] * 50, MODEL), cut([10] * 50, MODEL)
    assert len(many) == 1
    assert all(len(batch) * 1000 * (12 + 3 * 1000) <= 1 << 22 for batch in few)


def test_one_example_beyond_the_bound_still_runs() -> None:
    assert cut([10**6], MODEL) == ((0,),)


def test_masks_hold_at_named_positions() -> None:
    (batch,) = make_batches(dataset((4, 7)), MODEL)
    for row, example in enumerate(batch.examples):
        expected = torch.zeros(7, dtype=torch.bool)
        expected[[*example.positions["A"], *example.positions["END"]]] = True
        at = Positions.of(["A", "END"])
        assert batch.mask(at)[row].equal(expected)
        assert batch.mask(~at)[row].equal(~expected)


def test_everywhere_and_nowhere() -> None:
    (batch,) = make_batches(dataset((4, 7)), MODEL)
    assert batch.mask(EVERYWHERE).all()
    assert not batch.mask(NOWHERE).any()


def test_rows_are_what_the_metric_reads() -> None:
    (batch,) = make_batches(dataset((4, 7)), MODEL)
    expected = [one.clean[t.position] for one in batch.examples for t in one.targets]
    assert batch.rows(batch.tokens).tolist() == expected

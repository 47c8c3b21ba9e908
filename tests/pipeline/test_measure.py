"""Requests answered from the store, and runs only of what it lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.pipeline.measure import Measuring, Use
from circuitlang.plan.observations import Keep, Observations
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.variant import MODEL, Variant, Version
from circuitlang.run import sparse
from circuitlang.run.ablated import donors_of
from circuitlang.store.keys import Filing
from circuitlang.store.store import Store
from circuitlang.task.repeated import repeated_blocks
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset
from tests.store.test_keys import ENGINE

CIRCUIT = Evaluation(Variant(Version.ABLATED))
REQUESTS: tuple[Request, ...] = (
    Evaluation(MODEL),
    CIRCUIT,
    CIRCUIT._replace(reading="kl", half="report"),
    Attention(head(0, 0), "A", "END"),
    RepeatedTokens(head(1, 0), "previous", 4, 5),
    Copying(head(1, 0), ("A", "B"), "positive", 100),
    Composition(head(0, 0), head(1, 0), "k", "random", 5, 0),
)
DATA = dataset((7, 7, 4, 4, 7, 7))
MODEL_ = decoder(gpt2())
MEAN = Ablation("mean", "other")
Ran = list[tuple[set[Request], set[int] | None]]


class Killed(BaseException):
    pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "store")) as opened:
        yield opened
        assert opened.problems() == ()


def measuring(
    store: Store, ablation: Ablation = MEAN, batches: int = 1000
) -> tuple[Measuring, Ran]:
    """Ends in `Killed` after so many batches; what was run is in the list."""
    ran: Ran = []
    left = batches

    def run(
        requests: Sequence[Request], only: Collection[int] | None, keep: Keep | None
    ) -> Observations:
        ran.append((set(requests), None if only is None else set(only)))

        def counting(found: object, indices: object) -> None:
            nonlocal left
            assert keep is not None
            keep(found, indices)  # type: ignore[arg-type]
            left -= 1
            if not left:
                raise Killed

        return sparse.run(
            requests,
            MODEL_,
            DATA,
            ablation=ablation,
            seed=3,
            batch_size=2,
            only=only,
            keep=counting,
        )

    filing = Filing(
        ENGINE,
        DATA,
        ablation,
        lambda: donors_of(DATA, 3),
        lambda length, count: repeated_blocks(MODEL_.tokenizer, length, 2, count, 3),
    )
    return Measuring(store, filing, DATA.templates, run), ran


def plain(ablation: Ablation = MEAN) -> Observations:
    return sparse.run(REQUESTS, MODEL_, DATA, ablation=ablation, seed=3, batch_size=2)


def same(found: Observations, expected: Observations) -> bool:
    return list(found) == list(expected) and all(
        (found[r].values, found[r].clusters) == (expected[r].values, expected[r].clusters)
        for r in expected
    )


def test_the_first_time_everything_is_run_at_once(store: Store) -> None:
    measure, ran = measuring(store)
    assert same(measure(REQUESTS), plain())
    assert ran == [(set(REQUESTS), None)]
    assert measure.uses[CIRCUIT] == Use(0, 6)


def test_the_second_time_nothing_is_run(store: Store) -> None:
    measuring(store)[0](REQUESTS)
    measure, ran = measuring(store)
    found = measure(REQUESTS)
    assert same(found, plain())
    assert ran == []
    assert measure.uses[CIRCUIT] == Use(6, 6)
    assert {one.seconds for one in found.values()} == {0.0}


@pytest.mark.parametrize("batches", range(1, 11))
def test_after_a_kill_the_rest_is_run_and_the_numbers_are_the_same(
    store: Store, batches: int
) -> None:
    with pytest.raises(Killed):
        measuring(store, batches=batches)[0](REQUESTS)
    measure, ran = measuring(store)
    assert same(measure(REQUESTS), plain())
    assert sum(use.found for use in measure.uses.values()) > 0
    for requests, only in ran:
        for request in requests:
            use = measure.uses[request]
            assert only is None or len(only) == use.needed - use.found


def test_another_ablation_measures_what_is_ablated_only(store: Store) -> None:
    zero = Ablation("zero")
    measuring(store)[0](REQUESTS)
    measure, ran = measuring(store, zero)
    assert same(measure(REQUESTS), plain(zero))
    assert ran == [({CIRCUIT, REQUESTS[2]}, None)]


def test_a_part_of_the_examples_is_part_of_the_whole(store: Store) -> None:
    measuring(store)[0](REQUESTS)
    measure, ran = measuring(store)
    measure([CIRCUIT._replace(half="search"), CIRCUIT._replace(examples=3)])
    assert ran == []


def test_fewer_sequences_are_the_first_of_more(store: Store) -> None:
    probe = REQUESTS[4]
    assert isinstance(probe, RepeatedTokens)
    fewer, more = probe._replace(examples=3), probe._replace(examples=7)
    measuring(store)[0]([probe])
    measure, ran = measuring(store)
    found = measure([fewer, more])
    assert ran == [({more}, {5, 6})]
    assert found[more].values[:3] == found[fewer].values
    assert found[more].clusters == tuple(f"sequence {i}" for i in range(7))


def test_fewer_draws_are_the_first_of_more(store: Store) -> None:
    pair = REQUESTS[-1]
    assert isinstance(pair, Composition)
    measuring(store)[0]([pair])
    measure, ran = measuring(store)
    more = pair._replace(draws=7)
    found = measure([pair._replace(draws=3), more])
    assert ran == [({more}, {5, 6})]
    assert found[more].clusters == tuple(f"draw {i}" for i in range(7))

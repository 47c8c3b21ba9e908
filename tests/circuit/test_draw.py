from __future__ import annotations

from itertools import islice, permutations

from hypothesis import given
from hypothesis import strategies as st

from circuitlang.circuit.draw import Stream, shuffled, unrank


@given(st.integers(), st.integers(1, 10**30))
def test_a_draw_is_below_its_bound(seed: int, n: int) -> None:
    assert 0 <= Stream(seed, "x").below(n) < n


@given(st.integers(0, 50), st.integers())
def test_a_shuffle_holds_each_number_once(n: int, seed: int) -> None:
    assert sorted(shuffled(Stream(seed), n)) == list(range(n))


def test_a_shuffle_of_any_size_is_read_from_its_start() -> None:
    few = tuple(islice(shuffled(Stream(1), 10**40), 3))
    assert few == tuple(islice(shuffled(Stream(1), 10**40), 100))[:3]


def test_every_order_comes_up_about_equally_often() -> None:
    counts = dict.fromkeys(permutations(range(3)), 0)
    for seed in range(600):
        counts[tuple(shuffled(Stream(seed), 3))] += 1
    assert all(60 < n < 140 for n in counts.values())


def test_each_rank_is_another_choice_of_different_numbers() -> None:
    def choice(rank: int) -> tuple[int, ...]:
        taken: list[int] = []
        for _ in range(3):
            number, rank = unrank(rank, 5, taken)
            taken.append(number)
        return tuple(taken)

    assert {choice(rank) for rank in range(60)} == set(permutations(range(5), 3))


def test_streams_differ_by_name_and_agree_by_seed() -> None:
    def draws(*name: str | int) -> list[int]:
        stream = Stream(3, *name)
        return [stream.below(1000) for _ in range(5)]

    assert draws("abc", 1) == draws("abc", 1)
    assert draws("abc", 1) != draws("abc", 2) != draws("swap", 2)


def test_the_draws_of_a_seed_are_these_forever() -> None:
    assert list(shuffled(Stream(7, "prompt", "abba"), 6)) == [4, 2, 5, 3, 1, 0]

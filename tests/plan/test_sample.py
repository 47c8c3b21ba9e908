from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from circuitlang.plan.request import Half
from circuitlang.plan.sample import Sample, halves

templates = st.lists(st.sampled_from("abcde"), max_size=40).map(tuple)


@given(templates)
def test_halves_share_nothing_and_leave_nothing_out(names: tuple[str, ...]) -> None:
    search, report = halves(names)
    assert sorted((*search, *report)) == list(range(len(names)))
    assert len(search) - len(report) in (0, 1)


@given(templates)
def test_each_template_is_in_both_halves_alike(names: tuple[str, ...]) -> None:
    search, report = (Counter(names[i] for i in half) for half in halves(names))
    assert all(abs(search[name] - report[name]) <= 1 for name in names)


@given(templates, st.integers(1, 50))
def test_the_first_examples_are_spread_over_templates(names: tuple[str, ...], n: int) -> None:
    chosen = Sample(n).indices(names)
    assert len(set(chosen)) == len(chosen) == min(n, len(names))
    counts, sizes = Counter(names[i] for i in chosen), Counter(names)
    most = max(counts.values(), default=0)
    assert all(counts[name] >= min(most - 1, sizes[name]) for name in sizes)


@given(templates, st.integers(1, 50))
def test_fewer_examples_are_among_more(names: tuple[str, ...], n: int) -> None:
    assert set(Sample(n).indices(names)) <= set(Sample(n + 1).indices(names))


def test_a_half_can_be_cut_short() -> None:
    names = ("a", "a", "a", "b", "b", "b")
    assert halves(names) == ((0, 2, 4), (1, 3, 5))
    assert Sample(2, "report").indices(names) == (1, 3)


@given(templates, st.none() | st.integers(1, 50), st.sampled_from([None, "search", "report"]))
def test_the_size_is_known_without_the_templates(
    names: tuple[str, ...], n: int | None, half: Half | None
) -> None:
    assert len(Sample(n, half).indices(names)) == Sample(n, half).size(len(names))


def test_all_examples_unless_it_is_said() -> None:
    assert Sample().indices(("a", "b", "a")) == (0, 1, 2)

from __future__ import annotations

from circuitlang.circuit.names import head
from circuitlang.pipeline.growing import Growing, on_all
from circuitlang.plan.request import Attention, Composition, Evaluation, RepeatedTokens, Request
from circuitlang.plan.sample import sample_of
from circuitlang.plan.variant import MODEL, Variant, Version
from tests.pipeline.lab import Lab

TEMPLATES = tuple("aababaabbbab")
WHOLE = Evaluation(Variant(Version.ABLATED))
SEARCH, REPORT = (WHOLE._replace(half=half) for half in ("search", "report"))
FEW = WHOLE._replace(examples=3)
PATTERN = Attention(head(0, 0), "A", "END")
REPEATED = RepeatedTokens(head(1, 0), "previous", 4, 5)
DRAWN = Composition(head(0, 0), head(1, 0), "k", "random", 5, 0)
EVERYTHING: tuple[Request, ...] = (WHOLE, SEARCH, REPORT, FEW, PATTERN, REPEATED, DRAWN)


def lab() -> Lab:
    return Lab(TEMPLATES, lambda request, i: 100.0 * len(str(on_all(request))) + i)


def test_answers_are_those_of_data_that_has_no_more() -> None:
    answer = lab()
    found = Growing(answer, TEMPLATES).first(6)(EVERYTHING)
    expected = Lab(TEMPLATES[:6], lab()._number)(EVERYTHING, None)
    assert list(found) == list(expected)
    for request, one in expected.items():
        assert (found[request].values, found[request].clusters) == (one.values, one.clusters)


def test_more_examples_run_only_those_that_are_new() -> None:
    answer = lab()
    growing = Growing(answer, TEMPLATES)
    growing.first(4)((WHOLE, PATTERN))
    assert answer.ran == [(WHOLE, (0, 1, 2, 3)), (PATTERN, (0, 1, 2, 3))]
    answer.ran.clear()
    growing.first(8)((WHOLE, PATTERN))
    assert answer.ran == [(WHOLE, (4, 5, 6, 7)), (PATTERN, (4, 5, 6, 7))]
    answer.ran.clear()
    growing.first(8)((WHOLE, PATTERN))
    assert answer.ran == []


def test_what_is_new_to_a_later_look_is_run_on_all_that_is_seen() -> None:
    answer = lab()
    growing = Growing(answer, TEMPLATES)
    growing.first(4)((WHOLE,))
    growing.first(6)((WHOLE, Evaluation(MODEL)))
    assert answer.ran[1:] == [(WHOLE, (4, 5)), (Evaluation(MODEL), tuple(range(6)))]


def test_halves_and_the_whole_share_their_numbers() -> None:
    answer = lab()
    Growing(answer, TEMPLATES).first(6)((SEARCH, REPORT, WHOLE, FEW))
    assert answer.ran == [(WHOLE, tuple(range(6)))]


def test_draws_and_sequences_are_measured_once_and_whole() -> None:
    answer = lab()
    growing = Growing(answer, TEMPLATES)
    for examples in (4, 8):
        growing.first(examples)((REPEATED, DRAWN))
    assert answer.ran == [(REPEATED, None), (DRAWN, None)]


def test_halves_do_not_stay_the_same_when_examples_are_added() -> None:
    """Which is why claims that search are judged once."""
    reported = set(sample_of(REPORT).indices(TEMPLATES[:8]))
    searched = set(sample_of(SEARCH).indices(TEMPLATES))
    assert reported & searched

from __future__ import annotations

import pytest

from circuitlang.task.tokenizer import Tokenizer
from circuitlang.task.words import Context, Misfit, answer_context, untokenizable
from tests.task.tiny import byte_level, metaspace, word_level


@pytest.mark.parametrize("tokenizer", [word_level(), byte_level(), metaspace()])
def test_a_known_word_is_one_token_whatever_the_family(tokenizer: Tokenizer) -> None:
    assert untokenizable(["Mary", "John"], tokenizer) == ()


def test_a_word_of_several_tokens_is_shown_with_them() -> None:
    tokenizer = byte_level()
    (misfit,) = untokenizable(["Mary", "Marys"], tokenizer)
    assert misfit.word == "Marys"
    assert tokenizer.tokens(misfit.tokens) == [" Mary", "s"]


def test_a_word_that_is_only_unknown_has_no_token() -> None:
    assert untokenizable(["Bartholomew"], word_level()) == (Misfit("Bartholomew", (0,)),)


def test_the_place_in_the_prompt_decides() -> None:
    tokenizer = byte_level()
    at_the_start = untokenizable(["Mary"], tokenizer, Context(before=""))
    assert [misfit.word for misfit in at_the_start] == ["Mary"]
    assert untokenizable(["Mary"], tokenizer, Context(after=",")) == ()


def test_a_word_that_melts_into_its_neighbour_is_no_token() -> None:
    tokenizer = byte_level(["Marys"])
    (misfit,) = untokenizable(["Mary"], tokenizer, Context(after="s"))
    assert tokenizer.tokens(misfit.tokens) == [" Marys"]


@pytest.mark.parametrize(
    ("before", "alone"),
    [(" ", False), ("17", False), ("year ", False), ("", True), ("\n", True), ('"', True)],
)
def test_an_answer_is_read_after_a_space_unless_it_continues_a_word(
    before: str, alone: bool
) -> None:
    assert (answer_context(before) is not None) == alone

from __future__ import annotations

import pytest

from circuitlang.model.tokenizer import wrap
from tests.model.tiny import byte_tokenizer, tokenizer


def _spans(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenizer().encode(text).offsets]


def test_offsets_leave_out_the_leading_space() -> None:
    assert _spans("a the Ma") == ["a", "the", "Ma"]


def test_a_token_of_white_space_keeps_its_place() -> None:
    assert tokenizer().encode("a  the").offsets == ((0, 1), (1, 2), (3, 6))


def test_bytes_of_one_character_share_its_offsets() -> None:
    encoding = tokenizer().encode("aé")
    assert encoding.offsets == ((0, 1), (1, 2), (1, 2))


def test_no_special_token_is_added() -> None:
    found = tokenizer()
    assert found.bos not in found.encode("the").ids


def test_ordinary_leaves_out_special_tokens() -> None:
    found = tokenizer()
    assert 0 not in found.ordinary
    assert len(found.ordinary) == found.vocab_size - 1
    assert list(found.ordinary) == sorted(set(found.ordinary))


def test_the_digest_follows_what_determines_the_encoding() -> None:
    same, other = wrap(byte_tokenizer(), bos=0), wrap(byte_tokenizer(), bos=None)
    assert same.digest == tokenizer().digest
    assert other.digest != same.digest


@pytest.mark.parametrize("setting", ["enable_truncation", "enable_padding"])
def test_settings_for_batches_are_taken_back(setting: str) -> None:
    backend = byte_tokenizer()
    arguments = {"max_length": 1} if setting == "enable_truncation" else {"length": 9}
    getattr(backend, setting)(**arguments)
    assert len(wrap(backend, bos=0).encode("a the Ma").ids) == 3


def test_a_token_as_a_person_reads_it() -> None:
    found = tokenizer()
    (_, the) = found.encode("a the").ids
    assert found.token(the) == " the"

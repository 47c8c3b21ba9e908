"""From character ranges to tokens."""

from __future__ import annotations

from bisect import bisect_left

from circuitlang.task.tokenizer import Encoding, Tokenizer

Range = tuple[int, int]


def locate(encoding: Encoding, text: str, at: Range) -> tuple[int, ...]:
    """The indices of the tokens that share a character other than white space with ``text[at]``.

    A leading space belongs to its word's token in some tokenizers and not in others, so white space
    never decides.
    """
    start, end = _stripped(text, at)
    return tuple(
        i
        for i, (first, last) in enumerate(_stripped(text, o) for o in encoding.offsets)
        if first < end and start < last
    )


def locate_word(encoding: Encoding, text: str, at: Range) -> int | None:
    """The index of the one token that is ``text[at]`` but for white space around it, or None
    where the word takes several tokens or shares one with its neighbours."""
    found = locate(encoding, text, at)
    if len(found) != 1 or _stripped(text, encoding.offsets[found[0]]) != _stripped(text, at):
        return None
    return found[0]


def one_token(text: str, tokenizer: Tokenizer) -> int | None:
    """The id of the one token that ``text`` is, but for a leading space that is a token itself.

    A special token, such as the one for what is unknown, does not count.
    """
    encoding = tokenizer.encode(text)
    index: int | None = 0 if len(encoding.ids) == 1 else None
    if index is None and text[:1] == " " and text[1:2].strip():
        index = locate_word(encoding, text, (1, len(text)))
    if index is None or not is_ordinary(encoding.ids[index], tokenizer):
        return None
    return encoding.ids[index]


def is_ordinary(token: int, tokenizer: Tokenizer) -> bool:
    index = bisect_left(tokenizer.ordinary, token)
    return index < len(tokenizer.ordinary) and tokenizer.ordinary[index] == token


def _stripped(text: str, at: Range) -> Range:
    start, end = at
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end

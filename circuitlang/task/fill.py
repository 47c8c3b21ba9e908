"""Templates filled with words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from circuitlang.circuit.circuit import PromptTemplate, WordList
from circuitlang.circuit.draw import unrank
from circuitlang.task.draft import Side
from circuitlang.task.locate import Range, locate, locate_word
from circuitlang.task.tokenizer import Encoding, Tokenizer
from circuitlang.task.words import Misfit

Lists = Mapping[str, WordList]
Words = tuple[str, ...]  # one for each slot of a template, in its order


class Filled(NamedTuple):
    """A template's text; ``spans`` are the character ranges of its slots' words."""

    text: str
    spans: tuple[Range, ...]


def fill(template: PromptTemplate, words: Words) -> Filled:
    pieces: list[str] = []
    spans: list[Range] = []
    at, left = 0, iter(words)
    for part in template.parts:
        piece = part if isinstance(part, str) else next(left)
        if not isinstance(part, str):
            spans.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    return Filled("".join(pieces), tuple(spans))


def capacity(template: PromptTemplate, lists: Lists) -> int:
    """In how many ways the template can be filled with words that differ within each list."""
    ways, used = 1, dict.fromkeys(lists, 0)
    for slot in template.slots:
        if slot.words is not None:
            ways *= max(0, len(lists[slot.words].words) - used[slot.words])
            used[slot.words] += 1
    return ways


def words_at(template: PromptTemplate, lists: Lists, rank: int) -> Words:
    """The filling of that rank, below `capacity`; each rank has another."""
    taken: dict[str, list[int]] = {name: [] for name in lists}
    words: dict[int, str] = {}
    for i, slot in enumerate(template.slots):
        if slot.words is not None:
            known = lists[slot.words].words
            index, rank = unrank(rank, len(known), taken[slot.words])
            taken[slot.words].append(index)
            words[i] = known[index]
    drawn = {slot.position: words[i] for i, slot in enumerate(template.slots) if i in words}
    return tuple(words.get(i) or drawn[slot.repeats] for i, slot in enumerate(template.slots))


def encode(template: PromptTemplate, filled: Filled, tokenizer: Tokenizer) -> Side | Misfit:
    """The tokens of a filled template and where its named slots stand among them, or the first
    word that is not one token."""
    encoding = tokenizer.encode(filled.text)
    marks: dict[str, tuple[int, ...]] = {}
    for slot, span in zip(template.slots, filled.spans, strict=True):
        index = locate_word(encoding, filled.text, span)
        if index is None:
            return _misfit(encoding, filled.text, span)
        if slot.position is not None:
            marks[slot.position] = (index,)
    return Side(encoding.ids, marks)


def _misfit(encoding: Encoding, text: str, span: Range) -> Misfit:
    ids = tuple(encoding.ids[i] for i in locate(encoding, text, span))
    return Misfit(text[span[0] : span[1]], ids)

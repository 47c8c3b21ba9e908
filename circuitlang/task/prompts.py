"""Examples from prompt templates and word lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from circuitlang.circuit.circuit import PromptData, PromptTemplate, TaskSpec
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.task.corrupt import check_corruption, corrupt_words
from circuitlang.task.draft import Answer, Draft, Place, Side
from circuitlang.task.draw import Stream, shuffled
from circuitlang.task.fill import Filled, Words, capacity, encode, fill, words_at
from circuitlang.task.limits import MOST_TOKENS, too_many_tokens
from circuitlang.task.locate import one_token
from circuitlang.task.show import count
from circuitlang.task.tokenizer import Tokenizer
from circuitlang.task.words import Misfit, answer_context, check_words, not_one_token

Drafts = tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]


def draft_prompts(
    data: PromptData, task: TaskSpec, tokenizer: Tokenizer, examples: int, seed: int
) -> Drafts:
    """Example i comes from template i mod n, filled in a way that no earlier example was.

    Fillings of a template come in the order of a seeded shuffle of all of them, so the first
    examples are the same however many are asked for, and every filling can be reached.
    """
    if problems := _check(data, task, tokenizer):
        return (), problems
    sources = tuple(_Source(t, _fillings(t, data, seed)) for t in data.templates)
    drafts: list[Draft] = []
    seen: set[str] = set()
    tokens = 0
    while len(drafts) < examples:
        source = sources[len(drafts) % len(sources)]
        drawn = next((d for d in source.fillings if d.filled.text not in seen), None)
        if drawn is None:
            return (), (_exhausted(source.template, data, len(drafts), examples),)
        seen.add(drawn.filled.text)
        draft = _draft(drawn, data, task, tokenizer, seed)
        if isinstance(draft, Diagnostic):
            return (), (draft,)
        drafts.append(draft)
        tokens += len(draft.clean.ids) * (1 + len(draft.corrupt))
        if tokens > MOST_TOKENS:
            return (), (too_many_tokens(task, len(drafts)),)
    return tuple(drafts), ()


class _Drawn(NamedTuple):
    """The nth filling that was drawn for a template."""

    template: PromptTemplate
    nth: int
    words: Words
    filled: Filled


class _Source(NamedTuple):
    """A template and its fillings, in the order in which they are drawn."""

    template: PromptTemplate
    fillings: Iterator[_Drawn]


def _fillings(template: PromptTemplate, data: PromptData, seed: int) -> Iterator[_Drawn]:
    stream = Stream(seed, "prompt", template.name)
    for nth, rank in enumerate(shuffled(stream, capacity(template, data.words))):
        words = words_at(template, data.words, rank)
        yield _Drawn(template, nth, words, fill(template, words))


def _draft(
    drawn: _Drawn, data: PromptData, task: TaskSpec, tokenizer: Tokenizer, seed: int
) -> Draft | Diagnostic:
    template, nth, words, filled = drawn
    clean = encode(template, filled, tokenizer)
    if isinstance(clean, Misfit):
        return not_one_token(clean, template.span, tokenizer)
    corrupt: dict[str, Side] = {}
    for corruption in task.corruptions.values():
        stream = Stream(seed, "corrupt", corruption.name, template.name, nth)
        changed = corrupt_words(corruption, template, data.words, words, stream)
        side = encode(template, fill(template, changed), tokenizer)
        if isinstance(side, Misfit):
            return not_one_token(side, corruption.span, tokenizer)
        corrupt[corruption.name] = side
    read: list[tuple[int, ...]] = []
    for slot in (task.metric.answer, task.metric.against):
        token = _answer(slot, template, filled, clean, tokenizer)
        if isinstance(token, Misfit):
            return not_one_token(token, template.span, tokenizer)
        read.append(token)
    place = Place(f"prompt `{template.name}`", template.span)
    return Draft(filled.text, template.name, place, clean, corrupt, Answer(*read))


def _answer(
    slot: str | None, template: PromptTemplate, filled: Filled, clean: Side, tokenizer: Tokenizer
) -> tuple[int, ...] | Misfit:
    """The token that a slot's word is where it follows the prompt; see `answer_context`."""
    if slot is None:
        return ()
    which = next(i for i, s in enumerate(template.slots) if s.position == slot)
    start, end = filled.spans[which]
    context = answer_context(filled.text[:start])
    if context is None:
        return tuple(clean.ids[i] for i in clean.marks[slot])
    text = context.before + filled.text[start:end]
    token = one_token(text, tokenizer)
    return Misfit(filled.text[start:end], tokenizer.encode(text).ids) if token is None else (token,)


def _check(data: PromptData, task: TaskSpec, tokenizer: Tokenizer) -> tuple[Diagnostic, ...]:
    problems: list[Diagnostic] = []
    for template in data.templates:
        problems.extend(_check_supply(template, data))
        for corruption in task.corruptions.values():
            problems.extend(check_corruption(corruption, template, data.words))
    answers = frozenset(s for s in (task.metric.answer, task.metric.against) if s is not None)
    problems.extend(check_words(data, task.corruptions, answers, tokenizer))
    return tuple(problems)


def _check_supply(template: PromptTemplate, data: PromptData) -> list[Diagnostic]:
    """Whether each list has a word for every slot that draws from it."""
    problems: list[Diagnostic] = []
    drawn = [slot.words for slot in template.slots if slot.words is not None]
    for name in dict.fromkeys(drawn):
        words, needed = data.words[name], drawn.count(name)
        if needed > len(words.words):
            problems.append(
                Diagnostic(
                    "not-enough-words",
                    f"`{template.name}` needs {count(needed, 'different word')} of `{name}`, "
                    f"which has {len(words.words)}",
                    template.span,
                    secondary=(Label(words.span, count(len(words.words), "word")),),
                )
            )
    return problems


def _exhausted(template: PromptTemplate, data: PromptData, made: int, examples: int) -> Diagnostic:
    ways = capacity(template, data.words)
    turns = "" if len(data.templates) == 1 else ", and prompts take turns"
    return Diagnostic(
        "not-enough-examples",
        f"{count(examples, 'example')} asked for, and only {made:,} can be made",
        template.span,
        label=f"{count(ways, 'different prompt')}{turns}",
        help=f"`examples = {made}`" if made else None,
    )

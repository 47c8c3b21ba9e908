"""Examples from prompt templates and word lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from circuitlang.circuit.circuit import PromptData, PromptTemplate, TaskSpec
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.corrupt import check_supply, corrupt_words
from circuitlang.task.draft import Answer, Draft, Place, Side
from circuitlang.task.fill import Filled, Words, capacity, encode, fill, words_at
from circuitlang.task.limits import MOST_SLOTS, MOST_TOKENS, too_many_tokens
from circuitlang.task.locate import one_token
from circuitlang.task.tokenizer import Tokenizer
from circuitlang.task.words import Misfit, answer_context, check_words, not_one_token

Drafts = tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]


def draft_prompts(
    data: PromptData, task: TaskSpec, tokenizer: Tokenizer, examples: int, least: int, seed: int
) -> Drafts:
    """Templates take turns, and each is filled in a way that it was not before.

    Fillings come in the order of a seeded shuffle of all there are, so the first examples are the
    same however many are asked for, and every prompt can be reached. A template that has no other
    filling left loses its turns. Where there are not ``examples``, ``least`` are enough.
    """
    if problems := _check(data, task, tokenizer):
        return (), problems
    drafts: list[Draft] = []
    tokens = 0
    for drawn in islice(_in_turn(data, seed), examples):
        draft = _draft(drawn, data, task, tokenizer, seed)
        if isinstance(draft, Diagnostic):
            return (), (draft,)
        drafts.append(draft)
        tokens += len(draft.clean.ids) * (1 + len(draft.corrupt))
        if tokens > MOST_TOKENS:
            if len(drafts) <= least:
                return (), (too_many_tokens(task, len(drafts) - 1),)
            return tuple(drafts[:-1]), ()
    if len(drafts) < least:
        return (), (_exhausted(data, len(drafts), least),)
    return tuple(drafts), ()


class _Drawn(NamedTuple):
    """The nth filling that was drawn for a template."""

    template: PromptTemplate
    nth: int
    words: Words
    filled: Filled


def _in_turn(data: PromptData, seed: int) -> Iterator[_Drawn]:
    """Fillings of the templates in turn, each text once, until there are no others."""
    waiting = [_fillings(template, data, seed) for template in data.templates]
    seen: set[str] = set()
    while waiting:
        for source in tuple(waiting):
            drawn = next((d for d in source if d.filled.text not in seen), None)
            if drawn is None:
                waiting.remove(source)
            else:
                seen.add(drawn.filled.text)
                yield drawn


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
    many = [template for template in data.templates if len(template.slots) > MOST_SLOTS]
    if many:
        message = f"a prompt has at most {MOST_SLOTS} slots, this one has {len(many[0].slots):,}"
        return (Diagnostic("too-many-slots", message, many[0].span),)
    problems = [
        problem
        for template in data.templates
        for corruption in task.corruptions.values()
        for problem in check_supply(corruption, template, data.words)
    ]
    metric = task.metric
    answers = frozenset(slot for slot in (metric.answer, metric.against) if slot is not None)
    return (*problems, *check_words(data, task.corruptions, answers, tokenizer))


def _exhausted(data: PromptData, made: int, examples: int) -> Diagnostic:
    return Diagnostic(
        "not-enough-examples",
        f"{counted(examples, 'example')} asked for, and only {made:,} can be made",
        data.templates[0].span,
        label="so many different prompts there are",
        help=f"write `examples = {made}`" if made else None,
    )

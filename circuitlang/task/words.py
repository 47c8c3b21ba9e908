"""Whether the words of a task are single tokens where its prompts put them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from circuitlang.circuit.circuit import Corruption, PromptData, PromptTemplate, Slot, WordList
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import Span
from circuitlang.task.locate import is_ordinary, locate, locate_word
from circuitlang.task.show import show_tokens
from circuitlang.task.tokenizer import Tokenizer

_NEIGHBOURS = 64
_LISTED = 5


class Context(NamedTuple):
    """The literal text that touches a slot on either side, as far as the next white space."""

    before: str = " "
    after: str = ""


AFTER_SPACE = Context()


class Misfit(NamedTuple):
    """A word that is not one token, and the tokens that it is made of or caught in."""

    word: str
    tokens: tuple[int, ...]


def untokenizable(
    words: Iterable[str], tokenizer: Tokenizer, context: Context = AFTER_SPACE
) -> tuple[Misfit, ...]:
    """The words that are not exactly one token between ``context.before`` and ``context.after``."""
    misfits: list[Misfit] = []
    for word in words:
        text = context.before + word + context.after
        at = (len(context.before), len(context.before) + len(word))
        encoding = tokenizer.encode(text)
        index = locate_word(encoding, text, at)
        if index is None or not is_ordinary(encoding.ids[index], tokenizer):
            ids = (encoding.ids[i] for i in locate(encoding, text, at))
            misfits.append(Misfit(word, tuple(ids)))
    return tuple(misfits)


def list_of(template: PromptTemplate, slot: Slot) -> str:
    """The name of the word list that a slot's word comes from, through repetition if need be."""
    while slot.words is None:
        slot = next(s for s in template.slots if s.position == slot.repeats)
    return slot.words


def slot_contexts(template: PromptTemplate) -> tuple[tuple[Slot, Context], ...]:
    """The slots of a template, each with what surrounds it.

    Slots that touch another slot are left out: what surrounds them is drawn.
    """
    parts = ("", *template.parts, "")
    return tuple(
        (part, Context(_tail(before), _head(after)))
        for before, part, after in zip(parts, parts[1:], parts[2:], strict=False)
        if isinstance(part, Slot) and isinstance(before, str) and isinstance(after, str)
    )


def answer_context(before: str) -> Context | None:
    """Where a slot's word does not stand as it would when it follows the prompt: `` word``.

    ``before`` is the text in front of the slot. After a space the word has its usual token, and
    glued to a letter or a digit (``17{YY:year}``) it is the continuation that the prompt asks for;
    everywhere else its token may be another one than after a space.
    """
    return None if before[-1:] == " " or before[-1:].isalnum() else AFTER_SPACE


def check_words(
    data: PromptData,
    corruptions: Mapping[str, Corruption],
    answers: frozenset[str],
    tokenizer: Tokenizer,
) -> tuple[Diagnostic, ...]:
    """`word-not-one-token` for every word list and every ``set`` word that does not fit a slot.

    ``answers`` are the slots whose words the metric reads.
    """
    wanted: dict[str, dict[Context, None]] = {}
    problems: list[Diagnostic] = []
    for template in data.templates:
        for slot, context in slot_contexts(template):
            contexts = wanted.setdefault(list_of(template, slot), {})
            contexts[context] = None
            alone = answer_context(context.before)
            if slot.position in answers and alone is not None:
                contexts[alone] = None
            for corruption in corruptions.values():
                if corruption.action == "set" and slot.position in corruption.slots:
                    misfits = untokenizable((corruption.word or "",), tokenizer, context)
                    problems += [not_one_token(m, corruption.span, tokenizer) for m in misfits]
    for name, found in wanted.items():
        problems += _check_list(data.words[name], tuple(found), tokenizer)
    return tuple(dict.fromkeys(problems))


def _check_list(
    words: WordList, contexts: tuple[Context, ...], tokenizer: Tokenizer
) -> tuple[Diagnostic, ...]:
    """One finding for the whole list, or none."""
    misfits: dict[str, Misfit] = {}
    for context in contexts:
        for misfit in untokenizable(words.words, tokenizer, context):
            misfits.setdefault(misfit.word, misfit)
    if not misfits:
        return ()
    problem = not_one_token(
        next(iter(misfits.values())), words.span, tokenizer, f" of `{words.name}`"
    )
    fitting = f"{len(misfits):,} of {counted(len(words.words), 'word')} not one token"
    if len(misfits) == len(words.words):
        advice = "put the slot after a space: elsewhere, its words are made of other tokens"
        return (replace(problem, label=fitting, help=advice),)
    more = f" and {len(misfits) - _LISTED:,} more" if len(misfits) > _LISTED else ""
    advice = f"remove from {words.path.name}: {', '.join(list(misfits)[:_LISTED])}{more}"
    return (replace(problem, label=fitting, help=advice),)


def not_one_token(misfit: Misfit, span: Span, tokenizer: Tokenizer, of: str = "") -> Diagnostic:
    """The finding; ``of`` says which list the word is from."""
    shown = show_tokens(tokenizer, misfit.tokens)
    made = (
        f"has no token of its own (`{shown}`)"
        if len(misfit.tokens) == 1
        else f"is {counted(len(misfit.tokens), 'token')} (`{shown}`)"
    )
    return Diagnostic(
        "word-not-one-token", f"`{misfit.word}`{of} {made}; a word of a slot has to be one", span
    )


def _tail(text: str) -> str:
    """The end of a literal text, from its last white space on."""
    text = text[-_NEIGHBOURS:]
    spaces = [i for i, char in enumerate(text) if char.isspace()]
    return text[spaces[-1] :] if spaces else text


def _head(text: str) -> str:
    """The start of a literal text, up to its first white space."""
    text = text[:_NEIGHBOURS]
    return text.split(maxsplit=1)[0] if text and not text[0].isspace() else ""

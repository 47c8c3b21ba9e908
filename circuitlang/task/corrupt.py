"""The corrupt prompt of a pair, from the words of the clean one."""

from __future__ import annotations

from circuitlang.circuit.circuit import Corruption, PromptTemplate
from circuitlang.circuit.draw import Stream
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.task.fill import Lists, Words
from circuitlang.task.words import list_of


def corrupt_words(
    corruption: Corruption, template: PromptTemplate, lists: Lists, words: Words, stream: Stream
) -> Words:
    """The words of the corrupt prompt.

    Slots that the corruption does not name keep the clean prompt's words, also those that repeat a
    slot it names. ``resample`` draws from each list without replacement, and never a word of that
    list that the clean prompt holds: named together, a slot and its repetition come to differ.
    """
    ordinals = _ordinals(corruption, template)
    changed = list(words)
    match corruption.action:
        case "set":
            changed[ordinals[0]] = corruption.word or ""
        case "swap":
            for here, there in zip(ordinals, (*ordinals[1:], ordinals[0]), strict=True):
                changed[here] = words[there]
        case "resample":
            names = [list_of(template, slot) for slot in template.slots]
            for k, i in enumerate(ordinals):
                clean = {w for w, name in zip(words, names, strict=True) if name == names[i]}
                fresh = {changed[j] for j in ordinals[:k] if names[j] == names[i]}
                changed[i] = _draw(stream, lists[names[i]].words, clean | fresh)
        case "given":
            raise ValueError("a prompt template gives no corrupt prompt; the checker refuses this")
    return tuple(changed)


def _draw(stream: Stream, words: tuple[str, ...], but: set[str]) -> str:
    """A uniform word outside ``but``; `check_supply` has seen to it that there is one."""
    while (word := words[stream.below(len(words))]) in but:
        pass
    return word


def check_supply(
    corruption: Corruption, template: PromptTemplate, lists: Lists
) -> tuple[Diagnostic, ...]:
    """`not-enough-words` for each list that a resampling of this template would exhaust."""
    if corruption.action != "resample":
        return ()
    problems: list[Diagnostic] = []
    resampled = [list_of(template, template.slots[i]) for i in _ordinals(corruption, template)]
    for name in dict.fromkeys(resampled):
        words, new = lists[name], resampled.count(name)
        held = sum(slot.words == name for slot in template.slots)
        if held + new > len(words.words):
            problems.append(
                Diagnostic(
                    "not-enough-words",
                    f"`{corruption.name}` needs {counted(held + new, 'different word')} of "
                    f"`{name}`, {held} clean and {new} corrupt, and it has {len(words.words)}",
                    corruption.span,
                    secondary=(Label(words.span, counted(len(words.words), "word")),),
                )
            )
    return tuple(problems)


def _ordinals(corruption: Corruption, template: PromptTemplate) -> list[int]:
    where = {slot.position: i for i, slot in enumerate(template.slots)}
    return [where[slot] for slot in corruption.slots]

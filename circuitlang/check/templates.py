"""Prompt templates: literal text and ``{...}`` slots, found with their places in the source."""

from __future__ import annotations

import re
from typing import NamedTuple

from circuitlang.check.checked import Checked
from circuitlang.check.suggest import suggest
from circuitlang.circuit.circuit import PromptTemplate, Slot
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Source, Span

_POSITION = r"[A-Z][A-Z0-9_]*(?:[+-][0-9]{1,6})?"
_WORDS = r"[a-z][a-z0-9_]*"
_SLOT = re.compile(
    rf"(?P<drawn>{_POSITION}):(?P<list>{_WORDS})"
    rf"|(?P<copy>{_POSITION})=(?P<of>{_POSITION})"
    rf"|(?P<unnamed>{_WORDS})"
)
_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_FORMS = "write `{NAME:words}`, `{words}` or `{NAME=SLOT}`, and `{{` for a brace of the text"


class PlacedSlot(NamedTuple):
    """``drawn_from`` is the place of the word list or of the slot that is repeated."""

    slot: Slot
    span: Span
    drawn_from: Span


class Template(NamedTuple):
    """A template with the places of its slots."""

    prompt: tree.Prompt
    value: PromptTemplate
    slots: tuple[PlacedSlot, ...]

    @property
    def positions(self) -> frozenset[str]:
        return frozenset(s.slot.position for s in self.slots if s.slot.position is not None)


class _Places:
    """From an index in an unescaped string to the character of the source it came from."""

    def __init__(self, text: tree.Text, source: Source) -> None:
        raw = source.slice(text.span)
        offsets: list[int] = []
        at = 1
        while at < len(raw) - 1:
            offsets.append(at)
            at += 2 if raw[at] == "\\" else 1
        self._offsets = [*offsets, len(raw) - 1]
        self._text = text
        self._known = len(offsets) == len(text.value)

    def span(self, start: int, end: int) -> Span:
        if not self._known:
            return self._text.span
        base = self._text.span.start
        return Span(base + self._offsets[start], base + self._offsets[end])


def parse_template(prompt: tree.Prompt, words: frozenset[str], source: Source) -> Checked[Template]:
    """The parts of a template; slots that do not stand up are reported and left out."""
    places = _Places(prompt.template, source)
    parts: list[str | Slot] = []
    slots: list[PlacedSlot] = []
    for piece in _PIECE.finditer(prompt.template.value):
        text, start = piece[0], piece.start()
        span = places.span(start, piece.end())
        if text in ("{{", "}}"):
            parts.append(text[0])
        elif text[0] not in "{}":
            parts.append(text)
        elif match := _SLOT.fullmatch(text[1:-1]):
            slot = Slot(
                match["drawn"] or match["copy"], match["list"] or match["unnamed"], match["of"]
            )
            parts.append(slot)
            inner = next(match.span(name) for name in ("list", "of", "unnamed") if match[name])
            drawn_from = places.span(*(start + 1 + index for index in inner))
            slots.append(PlacedSlot(slot, span, drawn_from))
        else:
            found = "is no slot of a prompt" if len(text) > 1 else "stands alone"
            yield Diagnostic("bad-template", f"`{text}` {found}", span, help=_FORMS)
    yield from _check_slots(slots, words)
    merged = _merge(parts)
    value = PromptTemplate(prompt.name.text, merged, prompt.span)
    return Template(prompt, value, tuple(slots))


def _merge(parts: list[str | Slot]) -> tuple[str | Slot, ...]:
    """Literal text in one piece between slots."""
    merged: list[str | Slot] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        else:
            merged.append(part)
    return tuple(merged)


def _check_slots(slots: list[PlacedSlot], words: frozenset[str]) -> Checked[None]:
    first: dict[str, Span] = {}
    drawn = {s.slot.position for s in slots if s.slot.position and s.slot.repeats is None}
    for slot, span, drawn_from in slots:
        if slot.position is not None and slot.position in first:
            yield Diagnostic(
                "duplicate-slot",
                f"`{slot.position}` names two places of one prompt",
                span,
                secondary=(Label(first[slot.position], "the first one"),),
                help=f"to repeat its word at a place of its own, write `{{OTHER={slot.position}}}`",
            )
        elif slot.position is not None:
            first[slot.position] = span
        if slot.words is not None and slot.words not in words:
            yield Diagnostic(
                "unknown-words",
                f"there is no word list `{slot.words}`",
                drawn_from,
                help=suggest(slot.words, sorted(words), "word lists")
                or f'declare it: `words {slot.words} from "{slot.words}.txt"`',
            )
        if slot.repeats is not None and slot.repeats not in drawn:
            yield Diagnostic(
                "unknown-slot",
                f"`{slot.position}` repeats `{slot.repeats}`, which this prompt does not draw",
                drawn_from,
                help=suggest(slot.repeats, sorted(drawn), "slots"),
            )

"""Single prompts on the page: those that count most against a claim, and where heads look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from circuitlang.report.pictures import Pattern, Prompt
from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict

SHADES = 10


@dataclass(frozen=True)
class Token:
    """``shade`` is 0 to `SHADES`; ``at`` names the positions that the token is at."""

    text: str
    at: str = ""
    changed: bool = False
    shade: int = 0
    title: str = ""
    query: bool = False


@dataclass(frozen=True)
class Worst:
    index: int
    template: str
    clean: tuple[Token, ...]
    corrupt: Mapping[str, tuple[Token, ...]]
    asks: str
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """One row of a head's attention, and the same in words."""

    prompt: int
    asked: str
    tokens: tuple[Token, ...]
    said: str


def worst(report: Report, verdict: Verdict) -> Iterator[Worst]:
    pictures = report.pictures
    if pictures is None:
        return
    for index, numbers in pictures.worst.get(verdict.claim.name, {}).items():
        prompt = pictures.prompts[index]
        yield Worst(
            index,
            prompt.template,
            _tokens(prompt, prompt.clean),
            {name: _tokens(prompt, words) for name, words in prompt.corrupt.items()},
            _asks(prompt),
            {label: f"{value:.3f}" for label, value in numbers.items()},
        )


def _asks(prompt: Prompt) -> str:
    def listed(words: Sequence[str]) -> str:
        shown = " or ".join(f"“{visible(word).strip()}”" for word in words[:4])
        return f"{shown} and {len(words) - 4} more" if len(words) > 4 else shown

    if not prompt.answer:
        return ""
    rival = f" against {listed(prompt.against)}" if prompt.against else ""
    return f"{listed(prompt.answer)}{rival}"


def _tokens(prompt: Prompt, words: Sequence[str]) -> tuple[Token, ...]:
    names = _names(prompt)
    return tuple(
        Token(visible(word), names.get(i, ""), word != prompt.clean[i])
        for i, word in enumerate(words)
    )


def _names(prompt: Prompt) -> Mapping[int, str]:
    """The names of each token's positions. A name that many tokens bear says little of one."""
    found: dict[int, list[str]] = {}
    for name, places in prompt.positions.items():
        if len(places) <= 8:
            for place in places:
                found.setdefault(place, []).append(name)
    return {place: ", ".join(names) for place, names in found.items()}


def visible(text: str) -> str:
    """A token with its line ends shown, so that it stays on its line."""
    return text.replace("\n", "↵").replace("\t", "⇥")


def attention(report: Report) -> Mapping[str, Mapping[str, tuple[Look, ...]]]:
    """Rows by role and head."""
    found: dict[str, dict[str, list[Look]]] = {}
    pictures = report.pictures
    for pattern in pictures.patterns if pictures else ():
        assert pictures is not None
        look = _look(pictures.prompts[pattern.prompt], pattern)
        found.setdefault(pattern.role, {}).setdefault(str(pattern.head), []).append(look)
    return {
        role: {head: tuple(looks) for head, looks in heads.items()} for role, heads in found.items()
    }


def _look(prompt: Prompt, pattern: Pattern) -> Look:
    names = _names(prompt)
    weights = pattern.weights

    def said(place: int) -> str:
        at = f" ({names[place]})" if place in names else ""
        return f"“{visible(prompt.clean[place]).strip()}”{at}"

    most = sorted(range(len(weights)), key=lambda i: -weights[i])[:3]
    tokens = tuple(
        Token(
            visible(word),
            names.get(i, ""),
            shade=round(SHADES * min(max(weights[i], 0.0), 1.0)) if i < len(weights) else 0,
            title=f"{weights[i]:.1%}" if i < len(weights) else "after the query",
            query=i == pattern.query,
        )
        for i, word in enumerate(prompt.clean)
    )
    listed = ", ".join(f"{said(i)} {weights[i]:.0%}" for i in most)
    return Look(prompt.index, said(pattern.query), tokens, listed)

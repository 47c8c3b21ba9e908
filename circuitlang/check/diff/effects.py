"""What each change does, by the text alone: weakens, strengthens, re-measures, or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from circuitlang.check.diff.facts import Fact, Facts
from circuitlang.circuit.circuit import most_passing
from circuitlang.circuit.difference import EFFECTS, Effect

T = TypeVar("T", str, float)
Effects = tuple[Effect, ...]

_NEUTRAL: Effects = ("neutral",)
_MEASURES: Effects = ("re-measures",)
_WEAKENS: Effects = ("weakens",)
_STRENGTHENS: Effects = ("strengthens",)
# Something could pass that could not, and something else fail.
_BOTH: Effects = ("weakens", "strengthens")

_PROSE = frozenset({"name", "edition", "doc", "cite"})
_COVER = re.compile(r"random\(circuits=([0-9]+), examples=([0-9]+)\)\Z")


@dataclass(frozen=True)
class Context:
    """Both files' facts, the first one's under the second one's names. ``contents`` holds the two
    digests of each data file whose content is known to differ; ``edges_count`` is whether a drawn
    edge can change a number."""

    a: Facts
    b: Facts
    contents: Mapping[str, tuple[str, str]]
    edges_count: bool


def effects(path: str, context: Context) -> Effects:  # noqa: PLR0911 - one a kind of fact
    """The effects of whatever the two files say of ``path``, which is not the same.

    A change has the mirrored effects when the files are swapped: what weakens one way strengthens
    the other way.
    """
    a, b = context.a.get(path), context.b.get(path)
    match path.split("/"):
        case [head, *_] if head in _PROSE:
            return _NEUTRAL
        case ["role", _, _, _] if a is not None and b is not None:
            return _NEUTRAL  # doubt about a member is said, and changes no number
        case ["edge", *_]:
            drawn = a is None or b is None
            return _MEASURES if drawn and context.edges_count else _NEUTRAL
        case ["claim", name, *what]:
            return _claim(name, what, context)
        case ["waiver", name]:
            return _WEAKENS if f"waiver/{name}/until" in context.b else _STRENGTHENS
        case ["waiver", _, what]:
            return _NEUTRAL if what == "because" else _grows(_text(a), _text(b))
        case ["policy", setting]:
            return _policy(setting, _text(a), _text(b))
        case ["task", "data", _] | ["task", "words", _, _] if _shared(path, context):
            return _data(path, a, b, context)
        case _:
            return _MEASURES


def mirrored(kinds: Iterable[Effect]) -> Effects:
    """The effects of the same change made backwards."""
    turned: dict[Effect, Effect] = {"weakens": "strengthens", "strengthens": "weakens"}
    return _ordered(turned.get(kind, kind) for kind in kinds)


def _ordered(kinds: Iterable[Effect]) -> Effects:
    found = set(kinds)
    return tuple(kind for kind in EFFECTS if kind in found)


def _text(fact: Fact | None) -> str:
    return "" if fact is None else fact.value


def _grows(a: T, b: T) -> Effects:
    """More of it weakens."""
    if a == b:
        return _NEUTRAL
    return _WEAKENS if b > a else _STRENGTHENS


# --- claims ----------------------------------------------------------------------------------


def _claim(name: str, what: list[str], context: Context) -> Effects:
    if not what:
        return _STRENGTHENS if f"claim/{name}/measure" in context.b else _WEAKENS
    if what == ["severity"]:
        return _WEAKENS if context.b[f"claim/{name}/severity"].value == "warn" else _STRENGTHENS
    measure = f"claim/{name}/measure"
    if context.a[measure] != context.b[measure]:
        return (*_BOTH, *_MEASURES) if what == ["measure"] else _BOTH
    return _demands(_allowed(name, context.a), _allowed(name, context.b))


def _demands(a: tuple[float, float], b: tuple[float, float]) -> Effects:
    """By the values that the claim permitted before and permits now."""
    if a == b:
        return _NEUTRAL
    if b[0] <= a[0] and a[1] <= b[1]:
        return _WEAKENS
    if a[0] <= b[0] and b[1] <= a[1]:
        return _STRENGTHENS
    return _BOTH


def _allowed(name: str, facts: Facts) -> tuple[float, float]:
    bound = _number(facts[f"claim/{name}/threshold"].value)
    tolerance = facts.get(f"claim/{name}/tolerance")
    match facts[f"claim/{name}/comparator"].value:
        case ">=":
            return bound, math.inf
        case "<=":
            return -math.inf, bound
        case _:
            margin = _number(tolerance.value) if tolerance else 0.0
            return round(bound - margin, 12), round(bound + margin, 12)


def _number(text: str) -> float:
    return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


# --- settings and data -----------------------------------------------------------------------


def _policy(setting: str, a: str, b: str) -> Effects:
    match setting:
        case "confidence":
            return _grows(_number(b), _number(a))
        case "family":
            return _WEAKENS if b == "none" else _STRENGTHENS
        case "cover":
            return _cover(_draws(a), _draws(b))
        case _:
            return _MEASURES


def _draws(cover: str) -> tuple[int, int]:
    """How many random circuits, on how many examples."""
    match = _COVER.match(cover)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _cover(a: tuple[int, int], b: tuple[int, int]) -> Effects:
    """Further circuits may pass and make a claim vacuous; but where one more of them is allowed to
    pass, a claim that was vacuous by one may pass. On other examples they have other numbers."""
    (few, some), (many, others) = a, b
    if few > many:
        return mirrored(_cover(b, a))
    found: set[Effect] = set()
    if few != many:
        found.add("strengthens")
    if few and most_passing(few) != most_passing(many):
        found.add("weakens")
    if few and some != others:
        found.add("re-measures")
    return _ordered(found)


def _shared(path: str, context: Context) -> bool:
    """Whether both files have the data file that a path is about."""
    place = f"{path.rpartition('/')[0]}/path"
    return place in context.a and place in context.b


def _data(path: str, a: Fact | None, b: Fact | None, context: Context) -> Effects:
    """A file may lie elsewhere and be the same; one that is not pinned can change without the spec
    changing."""
    data, _, what = path.rpartition("/")
    if what == "path":
        return _NEUTRAL
    if a is not None and b is not None:
        return _MEASURES
    pinned = _STRENGTHENS if a is None else _WEAKENS
    return (*pinned, *_MEASURES) if data in context.contents else pinned

"""What evaluations have in common before any of them is run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Variant

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)

# Readings that, given rivals, depend on the logits of the targets' tokens alone.
FEW_LOGITS = ("logit_diff", "accuracy")


def grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """The items by key, keys in the order of their first item."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def reading_of(request: Evaluation, metric: str) -> str:
    """The reading's own name, where the request asks for the task's metric."""
    return metric if request.reading == "metric" else request.reading


def compares(requests: Iterable[Evaluation], metric: str) -> bool:
    """Whether anything is compared with the unmodified model."""
    return any(reading_of(request, metric) == "kl" for request in requests)


def distinct_variants(
    requests: Iterable[Evaluation], metric: str, model: bool | None = None
) -> tuple[Variant, ...]:
    """The variants that have to be run. The unmodified model is among them where ``model`` is set,
    or, unless that is said, where anything is compared with it."""
    requests = tuple(requests)
    variants = dict.fromkeys(request.variant for request in requests)
    if compares(requests, metric) if model is None else model:
        variants[MODEL] = None
    return tuple(variants)


def named(variants: Iterable[Variant]) -> frozenset[str]:
    """The named positions that the variants, and those nested in them, tell apart."""
    found: set[str] = set()
    seen: set[Variant] = set()
    todo = list(variants)
    while todo:
        variant = todo.pop()
        if variant not in seen:
            seen.add(variant)
            found.update(name for override in variant.overrides for name in override.at.names)
            todo.extend(variant.nested)
    return frozenset(found)

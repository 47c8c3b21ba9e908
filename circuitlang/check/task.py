"""The `task` statement: examples, positions, corruptions and the metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from circuitlang.check.arguments import arguments_of, bind, settings_of
from circuitlang.check.checked import Checked
from circuitlang.check.names import unique
from circuitlang.check.positions import check_given, check_positions
from circuitlang.check.scope import Scope
from circuitlang.check.sources import Sources, check_sources
from circuitlang.check.statements import keyword_span, of_kind, once
from circuitlang.check.suggest import suggest
from circuitlang.check.vocabulary import METRICS, TASK_SETTINGS
from circuitlang.circuit.circuit import Corruption, MetricDef, TaskSpec
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Source


class TaskCheck(NamedTuple):
    """``scope`` holds the task's names even where ``spec`` is None."""

    spec: TaskSpec | None
    scope: Scope
    sources: Sources


def check_task(task: tree.Task, root: Path, source: Source) -> Checked[TaskCheck]:
    keyword = tree.Name("task", keyword_span(task.span, "task"))
    sources = yield from check_sources(task, root, source)
    settings = settings_of(of_kind(tree.Setting, task.statements))
    values = yield from bind(keyword, settings, TASK_SETTINGS, Scope(), settings=True)
    if not sources.known:
        return TaskCheck(None, Scope(complete=False), sources)
    places = yield from check_positions(of_kind(tree.PositionRule, task.statements), sources)
    slots = frozenset(p for template in sources.templates for p in template.positions)
    corrupts = of_kind(tree.Corrupt, task.statements)
    scope = Scope(
        slots=slots,
        corruptions=frozenset(entry.name.text for entry in corrupts),
        positions=frozenset(places.positions),
        lacking=places.lacking,
    )
    corruptions = yield from _check_corruptions(corrupts, scope, sources)
    statement = yield from once("metric", of_kind(tree.Metric, task.statements))
    metric = None
    if statement is None:
        yield Diagnostic(
            "missing-statement",
            "the task has no `metric`",
            keyword.span,
            help="add `metric logit_diff(answer=..., against=...) at END`",
        )
    else:
        metric = yield from _check_metric(statement, scope, sources)
    if sources.data is None or values is None or metric is None:
        return TaskCheck(None, scope, sources)
    spec = TaskSpec(
        sources.data,
        MappingProxyType(dict(corruptions)),
        MappingProxyType(dict(places.positions)),
        metric,
        values["bos"] == "true",
        task.span,
    )
    return TaskCheck(spec, scope, sources)


def _check_corruptions(
    corrupts: Iterable[tree.Corrupt], scope: Scope, sources: Sources
) -> Checked[Mapping[str, Corruption]]:
    corrupts = tuple(corrupts)
    yield from unique("corruption", (entry.name for entry in corrupts))
    corruptions: dict[str, Corruption] = {}
    for entry in corrupts:
        action: Any = entry.action.text
        if action == "given":
            yield from check_given("corruption", entry.name, sources)
        elif sources.brings_own:
            yield Diagnostic(
                "no-slots",
                f"`{action}` changes the words in slots of prompts, and this task has no prompts",
                entry.action.span,
                help=f"write `corrupt {entry.name} given`",
            )
        else:
            yield from _check_slots(entry, scope)
        corruptions.setdefault(
            entry.name.text,
            Corruption(
                entry.name.text,
                action,
                tuple(slot.text for slot in entry.slots),
                entry.word.value if entry.word else None,
                entry.span,
            ),
        )
    return corruptions


def _check_slots(entry: tree.Corrupt, scope: Scope) -> Checked[None]:
    seen: dict[str, tree.Name] = {}
    for slot in entry.slots:
        if slot.text in seen:
            yield Diagnostic(
                "duplicate-slot",
                f"`{slot}` is listed twice",
                slot.span,
                secondary=(Label(seen[slot.text].span, "first listed here"),),
            )
            continue
        seen[slot.text] = slot
        yield from scope.slot(slot)
    if entry.action.text == "swap" and len(entry.slots) < 2:
        yield Diagnostic(
            "one-slot-swap",
            "a swap needs two slots or more",
            entry.slots[0].span if entry.slots else entry.action.span,
        )


def _check_metric(metric: tree.Metric, scope: Scope, sources: Sources) -> Checked[MetricDef | None]:
    at = yield from scope.position(metric.at)
    call = metric.call
    kind = METRICS.get(call.name.text)
    if kind is None:
        yield Diagnostic(
            "unknown-metric",
            f"there is no metric `{call.name}`",
            call.name.span,
            help=suggest(call.name.text, METRICS, "metrics"),
        )
        return None
    if sources.brings_own:
        for argument in call.arguments:
            yield Diagnostic(
                "answer-given-twice",
                "the examples bring their own answers, so the metric takes no arguments",
                argument.span,
                help=f"write `metric {call.name}() at {metric.at}`",
            )
        if at is None or call.arguments:
            return None
        return MetricDef(call.name.text, at, span=call.span)
    values = yield from bind(call.name, arguments_of(call), kind.arguments, scope, settings=False)
    if values is None or at is None:
        return None
    answer, against = values.get("answer"), values.get("against")
    if answer is not None and _same_word(answer, against, sources):
        yield Diagnostic(
            "answer-against-itself",
            f"`{answer}` and `{against}` hold the same word, so the metric is always zero",
            call.span,
        )
        return None
    return MetricDef(call.name.text, at, answer, against, call.span)


def _same_word(answer: str, against: str | None, sources: Sources) -> bool:
    """Whether two slots hold the same word in some prompt."""
    for template in sources.templates:
        drawn = {s.slot.position: s.slot.repeats or s.slot.position for s in template.slots}
        if against is not None and drawn.get(answer) == drawn.get(against) is not None:
            return True
    return False

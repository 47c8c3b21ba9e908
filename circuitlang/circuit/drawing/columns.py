"""The columns of the picture: named positions in the order in which prompts have them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from circuitlang.circuit.circuit import Circuit, PromptData, PromptTemplate, TaskSpec
from circuitlang.circuit.positions import Positions


def names_of(at: Positions) -> tuple[str, ...]:
    """The columns that a set of positions stands in: its names, or one for a set without an end."""
    return (str(at),) if at.complement else tuple(sorted(at.names))


def columns(circuits: Sequence[Circuit]) -> tuple[str, ...]:
    """Every column that a member, an edge or the metric needs, from left to right."""
    used: dict[str, float] = {}
    for circuit in circuits:
        order = _Order(circuit.task)
        places = (*circuit.members.values(), *circuit.claimed_edges.values())
        # Where every position is meant, a column of its own would stand for nothing that is there.
        named: Iterable[Positions] = (at for at in places if not at.everywhere)
        anywhere = (at for at in circuit.members.values() if at.everywhere)
        metric = Positions.of([circuit.task.metric.at])
        for at in (*named, *anywhere, metric):
            for name in names_of(at):
                used.setdefault(name, order.rank(name) if not at.complement else -math.inf)
    return tuple(sorted(used, key=lambda name: used[name]))


class _Order:
    """Where a task's positions come in its prompts, as far as the text says."""

    def __init__(self, task: TaskSpec) -> None:
        self._rules = task.positions
        self._declared = {name: i for i, name in enumerate(task.positions)}
        self._slots = _slots(task.data.templates) if isinstance(task.data, PromptData) else {}

    def rank(self, name: str, depth: int = 0) -> float:
        if name in self._slots:
            return self._slots[name]
        rule = self._rules.get(name)
        # Positions of positions cannot go in circles in a checked file; one made by hand could.
        if rule is None or depth > len(self._rules):
            return len(self._slots)
        if rule.anchor is not None and rule.rule in ("after", "before"):
            beside = 0.01 if rule.rule == "after" else -0.01
            return self.rank(rule.anchor, depth + 1) + beside
        ends = {"first": -1.0, "last": math.inf}
        return ends.get(rule.rule, len(self._slots) + self._declared[name])


def _slots(templates: Sequence[PromptTemplate]) -> dict[str, float]:
    """The mean place of each slot among the slots of its prompt."""
    found: dict[str, list[int]] = {}
    for template in templates:
        named = [slot.position for slot in template.slots if slot.position is not None]
        for place, name in enumerate(named):
            found.setdefault(name, []).append(place)
    return {name: sum(places) / len(places) for name, places in found.items()}

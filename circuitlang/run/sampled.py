"""Evaluations that are about the same examples, together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from circuitlang.plan.request import Evaluation
from circuitlang.plan.sample import Sample, sample_of
from circuitlang.run.batch import Batch
from circuitlang.task.dataset import Dataset


class Group:
    """``evaluations`` are all about the examples ``indices`` of the dataset, whose templates are
    ``clusters``."""

    def __init__(self, evaluations: Sequence[Evaluation], sample: Sample, dataset: Dataset) -> None:
        self.evaluations = tuple(evaluations)
        self.indices = sample.indices(dataset.templates)
        self.clusters = tuple(dataset.templates[i] for i in self.indices)

    def places(self, batch: Batch) -> tuple[int, ...]:
        """Where in an answer the numbers of a batch's examples stand."""
        return tuple(self._place[index] for index in batch.indices)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {index: place for place, index in enumerate(self.indices)}


def groups_of(evaluations: Iterable[Evaluation], dataset: Dataset) -> tuple[Group, ...]:
    """The evaluations by the examples that they ask for, in the order of the first of each."""
    by_sample: dict[Sample, list[Evaluation]] = {}
    for evaluation in evaluations:
        by_sample.setdefault(sample_of(evaluation), []).append(evaluation)
    return tuple(Group(group, sample, dataset) for sample, group in by_sample.items())

"""Evaluations that are about the same examples, together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from circuitlang.plan.request import Evaluation
from circuitlang.plan.sample import Sample, sample_of
from circuitlang.plan.sharing import grouped
from circuitlang.run.batch import Batch
from circuitlang.task.dataset import Dataset


class Group:
    """``evaluations`` are all about the examples ``indices`` of the dataset, and are to be answered
    for those of them that are ``asked``, whose templates are ``clusters``."""

    def __init__(
        self,
        evaluations: Sequence[Evaluation],
        sample: Sample,
        dataset: Dataset,
        only: Collection[int] | None = None,
    ) -> None:
        self.evaluations = tuple(evaluations)
        self.indices = sample.indices(dataset.templates)
        self.asked = tuple(i for i in self.indices if only is None or i in only)
        self.clusters = tuple(dataset.templates[i] for i in self.asked)

    def places(self, batch: Batch) -> tuple[int, ...]:
        """Where in an answer the numbers of a batch's examples stand."""
        return tuple(self._place[index] for index in batch.indices)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {index: place for place, index in enumerate(self.asked)}


def groups_of(
    evaluations: Iterable[Evaluation], dataset: Dataset, only: Collection[int] | None = None
) -> tuple[Group, ...]:
    """The evaluations by the examples that they ask for, in the order of the first of each."""
    by_sample = grouped(evaluations, sample_of)
    return tuple(Group(group, sample, dataset, only) for sample, group in by_sample.items())

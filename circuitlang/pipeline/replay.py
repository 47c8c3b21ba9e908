"""Recorded numbers as the answers to what the recorded text asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from circuitlang.circuit.circuit import Circuit, PromptData
from circuitlang.pipeline.rounds import observe
from circuitlang.pipeline.sensitivity import matrix_again
from circuitlang.plan.canonical import Canon
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import (
    Attention,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.sample import Sample, clusters_of, sample_of
from circuitlang.plan.sensitivity import Matrix
from circuitlang.report.changes import Change, differences


class NotRecordedError(Exception):
    """A series that the text asks for is not there; the message is its request."""


class Replay(NamedTuple):
    """``observations`` are the recorded numbers that the claims and the ``matrix`` read, ``texts``
    their requests as they stand in the file; ``needs`` says which of them a claim reads, by label.
    ``matrix`` is None where none was measured."""

    observations: Observations
    texts: Mapping[Request, str]
    needs: Mapping[str, Mapping[str, Request]]
    matrix: Matrix | None


def replay(circuit: Circuit, content: Mapping[str, Any]) -> Replay:
    """Everything that ``circuit`` asks for, search after search, out of evidence.

    Raises
    ------
    NotRecordedError
        If a series is missing.
    ShapeNeededError
        If the plan needs the shape of the model, and the circuit has none.
    """
    matrix = matrix_again(circuit, content["verification"]["sensitivity"])
    canon, texts = Canon(), dict[Request, str]()
    clusters = [tuple(names) for names in content["clusters"]]
    series = {
        one["request"]: Observation(
            tuple(math.nan if value is None else float(value) for value in one["values"]),
            clusters[one["clusters"]],
        )
        for one in content["series"]
    }

    def answer(requests: tuple[Request, ...]) -> Observations:
        asked = {request: canon.text(request) for request in requests}
        if missing := next((text for text in asked.values() if text not in series), None):
            raise NotRecordedError(missing)
        texts.update(asked)
        return {request: series[text] for request, text in asked.items()}

    observations = observe(circuit, None, answer, matrix)
    return Replay(observations, texts, make_plan(circuit, None, observations).needs, matrix)


def misplaced(circuit: Circuit, content: Mapping[str, Any], replayed: Replay) -> Iterator[Change]:
    """Where ``reads``, ``series`` and ``clusters`` are not what a verification of ``circuit`` would
    have written with these numbers."""
    places = {one["request"]: i for i, one in enumerate(content["series"])}
    unread = set(places) - set(replayed.texts.values())
    for text in sorted(unread, key=places.__getitem__):
        yield Change(f"series[{places[text]}]", text, None)
    reads = {
        claim: {label: places[replayed.texts[request]] for label, request in labelled.items()}
        for claim, labelled in replayed.needs.items()
    }
    yield from differences(
        content["reads"], reads, lambda one, other: one == other, "reads", frozenset()
    )
    yield from _misnamed(circuit, replayed)


def _misnamed(circuit: Circuit, replayed: Replay) -> Iterator[Change]:
    """Lists of names that are of another number of examples than the policy has, or name what the
    numbers cannot be of."""
    examples, data = circuit.policy.examples, circuit.task.data
    wholes = (one.clusters for of, one in replayed.observations.items() if _of_all(of))
    whole = next(wholes, None)
    if whole is not None and len(whole) != examples:
        yield Change("clusters", f"{len(whole)} examples", examples)
        return
    if whole is not None and isinstance(data, PromptData):
        names = [template.name for template in data.templates]
        if strange := set(whole).difference(names):
            yield Change("clusters", min(strange), names)
    told = set[tuple[str, ...]]()
    for request, one in replayed.observations.items():
        wanted = clusters_of(request, whole or ("",) * examples)
        if isinstance(request, RepeatedTokens):
            # Fewer sequences than were asked for come back where there are no others.
            wanted = wanted[: len(one)]
        named = one.clusters if whole is not None or not _of_data(request) else ("",) * len(one)
        if named != wanted and one.clusters not in told:
            told.add(one.clusters)
            yield _first_difference(f"clusters of {replayed.texts[request]}", named, wanted)


def _first_difference(place: str, names: Sequence[str], wanted: Sequence[str]) -> Change:
    if len(names) != len(wanted):
        return Change(place, f"{len(names)} names", len(wanted))
    at = next(i for i, (one, other) in enumerate(zip(names, wanted, strict=True)) if one != other)
    return Change(f"{place}, example {at}", names[at], wanted[at])


def _of_data(request: Request) -> bool:
    """Whether the numbers are of examples, and not of random sequences or draws."""
    return isinstance(request, Evaluation | Attention | Copying)


def _of_all(request: Request) -> bool:
    """Whether there is a number of every example of the data."""
    if isinstance(request, Evaluation):
        return sample_of(request) == Sample()
    return _of_data(request)

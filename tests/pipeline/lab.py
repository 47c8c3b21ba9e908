"""Answers to every request, made up, and a record of what was asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Composition, Evaluation, RepeatedTokens, Request
from circuitlang.plan.sample import sample_of

Number = Callable[[Request, int], float]


class Lab:
    """Answers as an executor does that has all examples; ``number`` is a request's on one of
    them. ``ran`` holds what was asked, and on which examples."""

    def __init__(self, templates: Sequence[str], number: Number) -> None:
        self._templates, self._number = tuple(templates), number
        self.ran: list[tuple[Request, tuple[int, ...] | None]] = []

    def __call__(self, requests: Sequence[Request], only: Collection[int] | None) -> Observations:
        self.ran += [
            (request, None if only is None else tuple(sorted(only))) for request in requests
        ]
        return {request: self._one(request, only) for request in requests}

    def _one(self, request: Request, only: Collection[int] | None) -> Observation:
        match request:
            case Composition(draws=count) | RepeatedTokens(examples=count):
                templates: Sequence[str] = [f"own {i}" for i in range(count)]
                own: Sequence[int] = range(count)
            case Evaluation():
                templates, own = self._templates, sample_of(request).indices(self._templates)
            case _:
                templates, own = self._templates, range(len(self._templates))
        places = [i for i in own if only is None or i in only]
        return Observation(
            tuple(self._number(request, i) for i in places),
            tuple(templates[i] for i in places),
            1.0,
        )

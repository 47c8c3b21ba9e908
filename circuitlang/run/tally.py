"""The answers of one run as they come in, with the time that each took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from circuitlang.plan.observations import Keep, Observation, Observations
from circuitlang.plan.request import Request

Progress = Callable[[int, int], None]


class Tally:
    """``clusters`` names the cluster of each value of a request; ``total`` counts the steps;
    ``keep`` is handed everything that is put in."""

    def __init__(
        self,
        clusters: Mapping[Request, tuple[str, ...]],
        total: int,
        progress: Progress | None,
        keep: Keep | None = None,
    ) -> None:
        self._clusters = clusters
        self._values = {request: [float("nan")] * len(names) for request, names in clusters.items()}
        self._seconds = dict.fromkeys(clusters, 0.0)
        self._total, self._done, self._progress = total, 0, progress
        self._keep = keep

    def put(
        self,
        found: Mapping[Request, Sequence[float]],
        indices: Sequence[int],
        places: Sequence[int],
    ) -> None:
        """What a batch has found: a number for each of its examples, which are those at ``indices``
        and stand at ``places`` in an answer."""
        for request, values in found.items():
            for place, value in zip(places, values, strict=True):
                self._values[request][place] = value
        if self._keep:
            self._keep(found, indices)

    def step(self) -> None:
        """One unit of work is done."""
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)

    @contextmanager
    def timing(self, requests: Sequence[Request]) -> Iterator[None]:
        """Books the time spent inside on these requests, in equal shares."""
        started = time.perf_counter()
        yield
        for request in requests:
            self._seconds[request] += (time.perf_counter() - started) / len(requests)

    def observations(self) -> Observations:
        return MappingProxyType(
            {
                request: Observation(tuple(values), self._clusters[request], self._seconds[request])
                for request, values in self._values.items()
            }
        )

"""The answers of one run as they come in, with the time that each took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Request

Progress = Callable[[int, int], None]


class Tally:
    """``clusters`` names the cluster of each value of a request; ``total`` counts the steps."""

    def __init__(
        self,
        clusters: Mapping[Request, tuple[str, ...]],
        total: int,
        progress: Progress | None,
    ) -> None:
        self._clusters = clusters
        self._values = {request: [float("nan")] * len(names) for request, names in clusters.items()}
        self._seconds = dict.fromkeys(clusters, 0.0)
        self._total, self._done, self._progress = total, 0, progress

    def put(self, request: Request, indices: Sequence[int], values: Sequence[float]) -> None:
        for index, value in zip(indices, values, strict=True):
            self._values[request][index] = value

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

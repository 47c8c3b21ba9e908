"""Requests answered on the first examples of the data, then on more: only new ones are run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Composition, Evaluation, RepeatedTokens, Request
from circuitlang.plan.sample import sample_of
from circuitlang.plan.sharing import grouped

# Answers requests on the examples whose places are given; None is all.
Answer = Callable[[Sequence[Request], Collection[int] | None], Observations]


class Growing:
    """Answers requests as if the data had its first ``examples`` examples only.

    ``templates`` are those of all examples, ``answer`` answers requests on any of them. What is
    ablated is sent its value from all examples, however few are looked at: an ablation that changed
    from one look to the next would change what is measured. Random sequences and draws are of their
    own number, and answered once.
    """

    def __init__(self, answer: Answer, templates: Sequence[str]) -> None:
        self._answer, self._templates = answer, tuple(templates)
        self._values: dict[Request, dict[int, float]] = {}
        self._seconds: dict[Request, float] = {}
        self._whole: dict[Request, Observation] = {}

    def first(self, examples: int) -> Callable[[tuple[Request, ...]], Observations]:
        """What answers requests on the first ``examples``."""

        def measure(requests: tuple[Request, ...]) -> Observations:
            places = {one: self._places(one, examples) for one in requests if _of_data(one)}
            self._run_data(places)
            self._run_whole([one for one in requests if not _of_data(one)])
            return MappingProxyType(
                {
                    one: self._observation(one, places[one]) if one in places else self._whole[one]
                    for one in requests
                }
            )

        return measure

    def _places(self, request: Request, examples: int) -> tuple[int, ...]:
        if isinstance(request, Evaluation):
            return sample_of(request).indices(self._templates[:examples])
        return tuple(range(examples))

    def _run_data(self, places: Mapping[Request, tuple[int, ...]]) -> None:
        """Runs what is not known yet; requests that lack the same examples go together."""
        wanted: dict[Request, set[int]] = {}
        for request, indices in places.items():
            wanted.setdefault(on_all(request), set()).update(indices)
        lacking = {
            request: tuple(sorted(indices - self._values.setdefault(request, {}).keys()))
            for request, indices in wanted.items()
        }
        missing = [request for request, indices in lacking.items() if indices]
        for indices, group in grouped(missing, lambda one: lacking[one]).items():
            for request, found in self._answer(group, indices).items():
                self._values[request].update(zip(indices, found.values, strict=True))
                self._seconds[request] = self._seconds.get(request, 0.0) + found.seconds

    def _run_whole(self, requests: Iterable[Request]) -> None:
        if missing := [request for request in requests if request not in self._whole]:
            self._whole.update(self._answer(missing, None))

    def _observation(self, request: Request, indices: Sequence[int]) -> Observation:
        known = self._values[on_all(request)]
        return Observation(
            tuple(known[i] for i in indices),
            tuple(self._templates[i] for i in indices),
            self._seconds.get(on_all(request), 0.0),
        )


def on_all(request: Request) -> Request:
    """The same request about all examples."""
    if isinstance(request, Evaluation):
        return request._replace(examples=None, half=None)
    return request


def _of_data(request: Request) -> bool:
    return not isinstance(request, RepeatedTokens | Composition)

"""Requests under several ablations: each names its own, unless that is the policy's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from circuitlang.circuit.circuit import Ablation
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sharing import compares, grouped
from circuitlang.plan.variant import removes

_ZERO = Ablation("zero")


def under(request: Request, ablation: Ablation, policy: Ablation) -> Request:
    """The request under that ablation. What removes nothing, and what is under the ``policy``'s own
    ablation, does not say so: equal numbers are asked for by equal requests."""
    if not isinstance(request, Evaluation):
        return request
    other = ablation != policy and removes(request.variant)
    return request._replace(ablation=ablation if other else None)


def by_ablation(
    requests: Iterable[Evaluation], policy: Ablation
) -> Mapping[Ablation, Sequence[Evaluation]]:
    """The requests by what removed components send, the first ablation first. Those that remove
    nothing go with the first; with zero where nothing removes anything."""
    requests = tuple(requests)
    removing = (r.ablation or policy for r in requests if removes(r.variant))
    first = next(removing, _ZERO)
    return grouped(requests, lambda r: (r.ablation or policy) if removes(r.variant) else first)


class Run(NamedTuple):
    """Requests under one ablation. ``model`` is set where the unmodified model is to run with them
    because something is compared with it."""

    ablation: Ablation
    requests: Sequence[Evaluation]
    model: bool


def runs_of(requests: Iterable[Evaluation], policy: Ablation, metric: str) -> Iterator[Run]:
    """The requests by ablation. The first run has the model for all of them."""
    requests = tuple(requests)
    model = compares(requests, metric)
    for ablation, same in by_ablation(requests, policy).items():
        yield Run(ablation, same, model)
        model = False


class Seen(Mapping[Request, Observation]):
    """Observations as they look to somebody whose policy has ``ablation``: requests that name no
    ablation are answered under that one."""

    def __init__(self, known: Observations, ablation: Ablation, policy: Ablation) -> None:
        self._known, self._ablation, self._policy = known, ablation, policy

    def __getitem__(self, request: Request) -> Observation:
        return self._known[under(request, self._ablation, self._policy)]

    def __iter__(self) -> Iterator[Request]:
        for request in self._known:
            asked = request._replace(ablation=None) if isinstance(request, Evaluation) else request
            if under(asked, self._ablation, self._policy) == request:
                yield asked

    def __len__(self) -> int:
        return sum(1 for _ in self)

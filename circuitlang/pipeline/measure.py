"""From requests to numbers: out of the store where it has them, else from a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.plan.observations import Keep, Observation, Observations
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.sample import Sample, sample_of
from circuitlang.store.keys import Filing, Key
from circuitlang.store.store import Store

# An executor with its model, data and policy: requests, the examples to answer (None is all), and
# what to call after each batch.
Run = Callable[[Sequence[Request], Collection[int] | None, Keep | None], Observations]


class Use(NamedTuple):
    """How many numbers of a request were ``needed``, and how many of them ``found`` in the store;
    ``spoilt`` is whether an entry of it could not be used."""

    found: int
    needed: int
    spoilt: bool = False

    def and_then(self, more: Use) -> Use:
        """Both together, where a request is asked for on some examples and then on others."""
        return Use(self.found + more.found, self.needed + more.needed, self.spoilt or more.spoilt)


class Measuring:
    """Answers requests, and remembers in ``uses`` what of each was stored already.

    ``templates`` are those of the examples. A request is run for the examples that it lacks, and
    what each batch finds is stored at once, so that an interrupted run goes on where it stopped.
    """

    def __init__(self, store: Store, filing: Filing, templates: Sequence[str], run: Run) -> None:
        self._store, self._filing = store, filing
        self._templates, self._run = tuple(templates), run
        self._keys: dict[Request, Key] = {}
        self._samples: dict[Sample, tuple[int, ...]] = {}
        self.uses: dict[Request, Use] = {}

    def __call__(
        self, requests: Iterable[Request], only: Collection[int] | None = None
    ) -> Observations:
        """Answers each request on all the examples that it is about, or on those in ``only``."""
        asked = tuple(dict.fromkeys(requests))
        keys = {request: self._key(request) for request in asked}
        wanted: dict[Key, tuple[Key, ...]] = {}
        for request, key in keys.items():
            # Two requests of one key differ in how many sequences they ask for, if in anything.
            wanted[key] = max(wanted.get(key, ()), self._filing.examples(request), key=len)
        stored = self._store.find(wanted)

        own = {request: self._own(request) for request in asked}
        if only is not None:
            among = frozenset(only)
            own = {one: tuple(i for i in places if i in among) for one, places in own.items()}
        missing: dict[Request, tuple[int, ...]] = {}
        for request, key in keys.items():
            there = stored[key].there
            missing[request] = tuple(i for i in own[request] if not there[i])
            found = len(own[request]) - len(missing[request])
            use = Use(found, len(own[request]), self._store.spoilt(key))
            before = self.uses.get(request)
            self.uses[request] = use if before is None else before.and_then(use)

        seconds = dict.fromkeys(asked, 0.0)
        for group, lacking in self._runs(missing):
            for request, observation in self._run(group, lacking, self._keep).items():
                values = stored[keys[request]].values
                for index, value in zip(missing[request], observation.values, strict=True):
                    values[index] = value
                seconds[request] = observation.seconds
        return MappingProxyType(
            {
                request: Observation(
                    tuple(stored[keys[request]].values[i] for i in own[request]),
                    self._clusters(request, own[request]),
                    seconds[request],
                )
                for request in asked
            }
        )

    def _runs(
        self, missing: Mapping[Request, tuple[int, ...]]
    ) -> Iterable[tuple[list[Request], tuple[int, ...] | None]]:
        """What has to be run: requests, with the examples that all of them lack; None is all."""
        whole: list[Request] = []
        partly: dict[tuple[object, tuple[int, ...]], list[Request]] = {}
        for request, lacking in missing.items():
            if lacking and lacking == self._own(request):
                whole.append(request)
            elif lacking:
                partly.setdefault((_kind(request), lacking), []).append(request)
        if whole:
            yield whole, None
        for (_, lacking), group in partly.items():
            yield group, lacking

    def _keep(self, found: Mapping[Request, Sequence[float]], indices: Sequence[int]) -> None:
        """Stores a batch: one parcel for the requests whose numbers depend on the same data."""
        alike: dict[int, list[Request]] = {}
        for request in found:
            alike.setdefault(id(self._filing.examples(request)), []).append(request)
        for group in alike.values():
            examples = self._filing.examples(group[0])
            self._store.keep(
                [self._key(request) for request in group],
                [examples[i] for i in indices],
                [found[request] for request in group],
            )

    def _key(self, request: Request) -> Key:
        if request not in self._keys:
            self._keys[request] = self._filing.request(request)
        return self._keys[request]

    def _own(self, request: Request) -> tuple[int, ...]:
        """The places of the examples that a request is about."""
        match request:
            case Evaluation():
                sample = sample_of(request)
                if sample not in self._samples:
                    self._samples[sample] = sample.indices(self._templates)
                return self._samples[sample]
            case Attention() | Copying():
                return tuple(range(len(self._templates)))
            case RepeatedTokens() | Composition():
                return tuple(range(len(self._filing.examples(request))))

    def _clusters(self, request: Request, indices: Sequence[int]) -> tuple[str, ...]:
        if isinstance(request, RepeatedTokens):
            return tuple(f"sequence {i}" for i in indices)
        if isinstance(request, Composition):
            return tuple(f"draw {i}" for i in indices)
        return tuple(self._templates[i] for i in indices)


def _kind(request: Request) -> object:
    """What the places of a request's numbers count: the examples of the data, random sequences or
    draws, each of their own number."""
    match request:
        case RepeatedTokens(examples=count):
            return "sequences", count
        case Composition(draws=count):
            return "draws", count
        case _:
            return "data"

"""Several circuits that share model, prompts and policy, measured in one run with the cache."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from circuitlang.circuit.circuit import Policy
from circuitlang.model.opened import Models
from circuitlang.pipeline.definition import definition, differences, refused
from circuitlang.pipeline.dry_run import Options, adjusted
from circuitlang.pipeline.entrant import Entrant
from circuitlang.pipeline.measure import Measuring
from circuitlang.pipeline.ready import (
    NO_PREFLIGHT,
    PREFLIGHT,
    NotMeasuredError,
    Progress,
    Ready,
    Runner,
    blocked,
    engine_of,
    prepare,
    versions_now,
)
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Request
from circuitlang.plan.sharing import grouped
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.report.provenance import Provenance
from circuitlang.store.keys import Filing
from circuitlang.store.place import store_folder
from circuitlang.store.store import Store
from circuitlang.syntax.diagnostic import Diagnostic, Findings


@dataclass(frozen=True)
class Field:
    """Circuits found to be measured alike. ``policy`` is theirs, with the highest confidence and
    the most resamples that any of them asks for."""

    entrants: tuple[Entrant, ...]
    ready: Ready
    policy: Policy
    warnings: tuple[Findings, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(example.text for example in self.ready.dataset.examples)

    @property
    def provenance(self) -> Provenance:
        """As far as it is known before anything is measured."""
        ready = self.ready
        return Provenance(
            len(ready.dataset),
            self.policy.seed,
            ready.prospect.digest,
            ready.dataset.digest,
            device=str(ready.prospect.device),
            warnings=self.warnings,
        )


class Measurement(NamedTuple):
    """What was measured, and what it depends on."""

    observations: Observations
    provenance: Provenance


Readied = tuple[Entrant, Ready]


def prepare_together(
    entrants: Sequence[Entrant], options: Options, progress: Progress, models: Models
) -> Field | Blocked:
    """Everything but the weights; Blocked where the circuits are not measured alike."""
    bare = [_bare(entrant, options) for entrant in entrants]
    for a, b in pairwise(bare):
        if parts := differences(a.circuit, b.circuit):
            return blocked(a.circuit, a.path, (refused(a.circuit, parts),), EXIT_INVALID)
    readied = _readied(bare, options, progress, models)
    if isinstance(readied, Blocked):
        return readied
    for (one, mine), (_, other) in pairwise(readied):
        if parts := _unlike(mine, other):
            return blocked(mine.circuit, one.path, (refused(mine.circuit, parts),), EXIT_INVALID)
    return _field(readied)


def fields(
    entrants: Sequence[Entrant], options: Options, progress: Progress, models: Models
) -> tuple[Field, ...] | Blocked:
    """Circuits sorted into those that are measured alike, in the order of the first of each."""
    bare = [_bare(entrant, options) for entrant in entrants]
    readied = _readied(bare, options, progress, models)
    if isinstance(readied, Blocked):
        return readied
    return tuple(map(_field, grouped(readied, lambda one: _kind(one[1])).values()))


def _kind(ready: Ready) -> object:
    alike = tuple(definition(ready.circuit).items())
    return alike, ready.prospect.digest, ready.dataset.digest


def _bare(entrant: Entrant, options: Options) -> Entrant:
    """Without claims: they are not judged here, and what they would need is not asked for."""
    circuit = adjusted(entrant.circuit, options)
    return Entrant(entrant.path, replace(circuit, claims=(), waivers=()))


def _readied(
    entrants: Sequence[Entrant], options: Options, progress: Progress, models: Models
) -> list[Readied] | Blocked:
    found: list[Readied] = []
    for entrant in entrants:
        ready = prepare(entrant.circuit, entrant.path, options, progress, models)
        if isinstance(ready, Blocked):
            return ready
        found.append((Entrant(entrant.path, ready.circuit), ready))
    return found


def _field(readied: Sequence[Readied]) -> Field:
    policies = [ready.circuit.policy for _, ready in readied]
    policy = replace(
        policies[0],
        confidence=max(policy.confidence for policy in policies),
        resamples=max(policy.resamples for policy in policies),
    )
    warnings = tuple(
        Findings(ready.circuit.source, ready.warnings) for _, ready in readied if ready.warnings
    )
    return Field(tuple(entrant for entrant, _ in readied), readied[0][1], policy, warnings)


def _unlike(a: Ready, b: Ready) -> tuple[str, ...]:
    """What the files say alike and is not: weights, or prompts."""
    found = []
    if a.prospect.digest != b.prospect.digest:
        found.append("`model` names other weights from the one file than from the other")
    if a.dataset.digest != b.dataset.digest:
        pairs = zip(a.dataset.examples, b.dataset.examples, strict=False)
        place = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
        where = f", first example {place}" if place is not None else " of them"
        found.append(f"`task` makes other prompts, positions or answers in B than in A{where}")
    return tuple(found)


def measure_together(
    field: Field,
    requests: Sequence[Request],
    options: Options,
    progress: Progress,
    models: Models,
) -> Measurement | Blocked:
    """Answers all requests in one run; what was measured before comes from the cache."""
    ready, path = field.ready, field.entrants[0].path
    run = Runner(ready, options, progress, models)
    found, needed = 0, len(requests) * len(ready.dataset)
    problems: tuple[Diagnostic, ...] = ()
    try:
        if options.cache:
            engine = engine_of(ready.prospect, options)
            filing = Filing(
                engine, ready.dataset, field.policy.ablation, ready.donors, ready.sequences
            )
            with closing(Store(store_folder(path))) as store:
                measure = Measuring(store, filing, ready.dataset.templates, run)
                observations = measure(requests)
                found = sum(use.found for use in measure.uses.values())
                needed = sum(use.needed for use in measure.uses.values())
                problems = store.problems()
        else:
            observations = run(tuple(requests))
    except NotMeasuredError as stopped:
        return blocked(ready.circuit, path, stopped.problems, EXIT_NOT_MEASURED)
    provenance = replace(
        field.provenance,
        executor=options.executor,
        versions=versions_now(),
        preflight=PREFLIGHT if run.opened else NO_PREFLIGHT,
        found=found,
        needed=needed,
        warnings=(*field.warnings, Findings(ready.circuit.source, problems)),
    )
    return Measurement(observations, provenance)

"""Circuit to verdicts: every room behind the front end, in order."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from circuitlang.circuit.circuit import Circuit
from circuitlang.model.opened import Models
from circuitlang.pipeline.against import Baseline
from circuitlang.pipeline.cache import Cache
from circuitlang.pipeline.compile import compile_file
from circuitlang.pipeline.dry_run import (
    EVERYTHING,
    Options,
    adjusted,
    misuses,
)
from circuitlang.pipeline.growing import Answer
from circuitlang.pipeline.looks import Judged, Reused, judge_in_looks, judge_once
from circuitlang.pipeline.pictures import gather
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
    unwatched,
    versions_now,
)
from circuitlang.pipeline.sensitivity import matrix_for
from circuitlang.plan.sensitivity import Matrix
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.report.record import Report
from circuitlang.score.matrix import sensitivity
from circuitlang.syntax.diagnostic import Diagnostic, Findings


def verify_file(
    path: Path,
    options: Options = EVERYTHING,
    progress: Progress = unwatched,
    models: Models | None = None,
    baseline: Baseline | None = None,
) -> Report | Blocked:
    """Verifies one spec. What the spec, its data or its model say never raises: it blocks.

    ``progress`` is called with the name of a phase, the units done and the units in all. Calls that
    are given the same ``models`` open a model once that they have in common. With a ``baseline``
    the claims are compared with it too; it blocks where that cannot be.
    """
    compiled = compile_file(path)
    if compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    result = verify_circuit(compiled.circuit, path, options, progress, models, baseline)
    if isinstance(result, Blocked):
        return result
    return replace(result, warnings=(*compiled.findings.diagnostics, *result.warnings))


def verify_circuit(
    circuit: Circuit,
    path: Path,
    options: Options = EVERYTHING,
    progress: Progress = unwatched,
    models: Models | None = None,
    baseline: Baseline | None = None,
) -> Report | Blocked:
    """As `verify_file`, for a circuit that has been compiled; paths in it are looked up beside
    ``path``."""
    started = time.perf_counter()
    models = models or Models()
    circuit = adjusted(circuit, options)
    if misused := misuses(circuit, options):
        return Blocked(str(path), Findings(circuit.source, misused), EXIT_INVALID)
    ready = prepare(circuit, path, options, progress, models)
    if isinstance(ready, Blocked):
        return ready
    circuit, dataset, only = ready.circuit, ready.dataset, options.claims or None
    if baseline is not None:
        objections = tuple(baseline.objections(circuit, dataset.digest))
        if objections:
            return blocked(circuit, path, objections, EXIT_INVALID)
    matrix = matrix_for(circuit, dataset, options)
    run = Runner(ready, options, progress, models)
    problems: tuple[Diagnostic, ...] = ()
    try:
        if options.cache:
            cache = Cache(path, circuit, only, engine_of(ready.prospect, options), dataset)
            with closing(cache.store):
                answer = cache.measuring(run, ready.donors, ready.sequences)
                reused = partial(cache.reuse, uses=answer.uses)
                judged = _judged(ready, options, run, answer, reused, matrix)
                cache.finish()
                problems = cache.store.problems()
        else:
            judged = _judged(ready, options, run, run, lambda _: {}, matrix)
        pictures = None
        if options.pictures:
            tokenizer, seen = ready.prospect.tokenizer, judged.observations
            pictures = gather(circuit, judged.verdicts, seen, dataset, tokenizer, run.open)
    except NotMeasuredError as stopped:
        return blocked(circuit, path, stopped.problems, EXIT_NOT_MEASURED)
    report = Report(
        path=str(path),
        circuit=circuit,
        verdicts=judged.verdicts,
        examples=len(dataset),
        model_digest=ready.prospect.digest,
        data_digest=dataset.digest,
        device=str(ready.prospect.device),
        executor=options.executor,
        versions=versions_now(),
        preflight=(PREFLIGHT if run.opened else NO_PREFLIGHT,),
        warnings=(*ready.warnings, *problems),
        seconds=time.perf_counter() - started,
        reuse=judged.reuse,
        looks=judged.looks,
        fixed=judged.fixed,
        pictures=pictures,
        sensitivity=None if matrix is None else sensitivity(matrix, judged.observations),
        observations=judged.observations,
        needs=judged.needs,
    )
    return report if baseline is None else replace(report, against=baseline.regressions(report))


def _judged(
    ready: Ready,
    options: Options,
    run: Runner,
    answer: Answer,
    reused: Reused,
    matrix: Matrix | None,
) -> Judged:
    only = options.claims or None
    if not options.decide:
        return judge_once(ready.circuit, only, answer, reused, matrix)
    templates = ready.dataset.templates
    return judge_in_looks(ready.circuit, only, templates, answer, reused, run.announce)

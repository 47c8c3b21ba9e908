"""Circuit to verdicts: every room behind the front end, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from circuitlang.check.fit import misfits
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.expand import with_shape
from circuitlang.model.decoder import Decoder
from circuitlang.model.load import Prospect
from circuitlang.model.opened import Models
from circuitlang.pipeline.cache import Cache
from circuitlang.pipeline.compile import compile_file
from circuitlang.pipeline.dry_run import (
    EVERYTHING,
    Options,
    adjusted,
    misuses,
    most_examples,
)
from circuitlang.pipeline.growing import Answer
from circuitlang.pipeline.looks import Judged, Reused, judge_in_looks, judge_once
from circuitlang.pipeline.pictures import gather
from circuitlang.pipeline.sensitivity import matrix_for
from circuitlang.plan.observations import Keep, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Request
from circuitlang.plan.sensitivity import Matrix
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.report.record import Report
from circuitlang.run import reference, sparse
from circuitlang.run.ablated import donors_of
from circuitlang.run.feasible import feasible
from circuitlang.run.preflight import preflight
from circuitlang.score.matrix import sensitivity
from circuitlang.score.verdict import Look
from circuitlang.store.keys import Engine, code_digest
from circuitlang.syntax.diagnostic import Diagnostic, Findings, in_order
from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset, Tokens
from circuitlang.task.repeated import repeated_blocks

# What `preflight` has established when it finds nothing.
PREFLIGHT = (
    "our forward is transformers', layer by layer and in logits; the full circuit is the model, "
    "the empty circuit the fully ablated run"
)

NO_PREFLIGHT = "not made: nothing was run, every number is from the cache"

# The distributions that numbers come from; tokens are part of the data.
_COMPUTING = ("torch", "transformers", "gguf")

Progress = Callable[[str, int, int], None]


def _unwatched(phase: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def verify_file(
    path: Path,
    options: Options = EVERYTHING,
    progress: Progress = _unwatched,
    models: Models | None = None,
) -> Report | Blocked:
    """Verifies one spec. What the spec, its data or its model say never raises: it blocks.

    ``progress`` is called with the name of a phase, the units done and the units in all. Calls that
    are given the same ``models`` open a model once that they have in common.
    """
    compiled = compile_file(path)
    if compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    result = verify_circuit(compiled.circuit, path, options, progress, models)
    if isinstance(result, Blocked):
        return result
    return replace(result, warnings=(*compiled.findings.diagnostics, *result.warnings))


def verify_circuit(
    circuit: Circuit,
    path: Path,
    options: Options = EVERYTHING,
    progress: Progress = _unwatched,
    models: Models | None = None,
) -> Report | Blocked:
    """Verifies a circuit that has been compiled; paths in it are looked up beside ``path``."""
    started = time.perf_counter()
    models = models or Models()
    circuit = adjusted(circuit, options)
    if misused := misuses(circuit, options):
        return Blocked(str(path), Findings(circuit.source, misused), EXIT_INVALID)
    ready = _prepare(circuit, path, options, progress, models)
    if isinstance(ready, Blocked):
        return ready
    circuit, dataset, only = ready.circuit, ready.dataset, options.claims or None
    matrix = matrix_for(circuit, dataset, options)
    run = _Run(ready, options, progress, models)
    problems: tuple[Diagnostic, ...] = ()
    try:
        if options.cache:
            cache = Cache(path, circuit, only, _engine(ready.prospect, options), dataset)
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
    except _NotMeasuredError as stopped:
        return _blocked(circuit, path, stopped.problems, EXIT_NOT_MEASURED)
    return Report(
        path=str(path),
        circuit=circuit,
        verdicts=judged.verdicts,
        examples=len(dataset),
        model_digest=ready.prospect.digest,
        data_digest=dataset.digest,
        device=str(ready.prospect.device),
        executor=options.executor,
        versions=_versions(),
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


def _judged(
    ready: _Ready,
    options: Options,
    run: _Run,
    answer: Answer,
    reused: Reused,
    matrix: Matrix | None,
) -> Judged:
    only = options.claims or None
    if not options.decide:
        return judge_once(ready.circuit, only, answer, reused, matrix)
    templates = ready.dataset.templates
    return judge_in_looks(ready.circuit, only, templates, answer, reused, run.announce)


@dataclass(frozen=True)
class _Ready:
    """Everything that a run needs but the weights, found to fit together."""

    circuit: Circuit
    prospect: Prospect
    dataset: Dataset
    warnings: tuple[Diagnostic, ...]

    def donors(self) -> tuple[int, ...]:
        return donors_of(self.dataset, self.circuit.policy.seed)

    def sequences(self, length: int, examples: int) -> tuple[Tokens, ...]:
        seed = self.circuit.policy.seed
        return repeated_blocks(self.prospect.tokenizer, length, 2, examples, seed)


class _NotMeasuredError(Exception):
    """The model turned out to be unusable when it was needed."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


class _Run:
    """The executor. Weights are loaded, and the preflight made, when something is to be run."""

    def __init__(self, ready: _Ready, options: Options, progress: Progress, models: Models) -> None:
        self._ready, self._options, self._progress = ready, options, progress
        self._models = models
        self._decoder: Decoder | None = None
        self._phase = "measuring"

    def announce(self, look: Look | None) -> None:
        """What is measured next; ``look`` is None for claims that are judged at none."""
        self._phase = "measuring"
        if look is not None:
            self._phase = f"look {look.number} of {look.of}, {look.examples} examples"

    @property
    def opened(self) -> bool:
        return self._decoder is not None

    def __call__(
        self,
        requests: Sequence[Request],
        only: Collection[int] | None = None,
        keep: Keep | None = None,
    ) -> Observations:
        """Raises _NotMeasuredError."""
        policy, options = self._ready.circuit.policy, self._options
        run = reference.run if options.executor == "reference" else sparse.run
        if options.executor == "sparse" and options.memory is not None:
            run = partial(sparse.run, memory=options.memory)
        return run(
            requests,
            self.open(),
            self._ready.dataset,
            ablation=policy.ablation,
            seed=policy.seed,
            progress=lambda done, total: self._progress(self._phase, done, total),
            only=only,
            keep=keep,
        )

    def open(self) -> Decoder:
        """Raises _NotMeasuredError."""
        if self._decoder is None:
            self._progress("loading the model", 0, 1)
            decoder, problems = self._models.load(self._ready.prospect)
            if decoder is None:
                raise _NotMeasuredError(problems)
            self._progress("preflight", 0, 1)
            if failures := preflight(decoder, self._ready.dataset):
                raise _NotMeasuredError(failures)
            self._decoder = decoder
        return self._decoder


def _prepare(
    circuit: Circuit, path: Path, options: Options, progress: Progress, models: Models
) -> _Ready | Blocked:
    progress("opening the model", 0, 1)
    prospect, problems = models.survey(circuit.model, path.parent, options.device)
    if prospect is None:
        return _blocked(circuit, path, problems, EXIT_NOT_MEASURED)
    if circuit.shape != prospect.shape:
        circuit = with_shape(circuit, prospect.shape)
    policy, context = circuit.policy, prospect.shape.context
    progress("building examples", 0, 1)
    dataset, warnings = build_dataset(
        circuit.task,
        prospect.tokenizer,
        most_examples(circuit, options),
        policy.seed,
        least=policy.examples,
        context=context,
    )
    plan = make_plan(circuit, options.claims or None)
    strays = misfits(circuit, prospect.shape)
    if dataset is None or strays:
        return _blocked(circuit, path, (*strays, *warnings), EXIT_INVALID)
    if obstacles := feasible(plan.requests, prospect, dataset, policy.ablation):
        return _blocked(circuit, path, obstacles, EXIT_INVALID)
    return _Ready(circuit, prospect, dataset, warnings)


def _blocked(
    circuit: Circuit, path: Path, problems: tuple[Diagnostic, ...], exit_code: int
) -> Blocked:
    return Blocked(str(path), Findings(circuit.source, in_order(problems)), exit_code)


def _engine(prospect: Prospect, options: Options) -> Engine:
    versions = _versions()
    return Engine(
        model=prospect.digest,
        dtype=prospect.ref.dtype,
        device=prospect.hardware,
        executor=options.executor,
        versions={name: versions[name] for name in _COMPUTING if name in versions},
        code=code_digest(),
    )


def _versions() -> dict[str, str]:
    """Of Python and of every distribution whose version can change a number."""
    found = {"python": python_version()}
    for name in ("circuitlang", "torch", "transformers", "tokenizers", "numpy", "scipy", "gguf"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

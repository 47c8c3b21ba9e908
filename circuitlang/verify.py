"""Circuit to verdicts: every room behind the front end, in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from circuitlang.check.fit import misfits
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.expand import with_shape
from circuitlang.compile import compile_file
from circuitlang.dry_run import EVERYTHING, Options, unknown_claims, with_examples
from circuitlang.model.decoder import Decoder
from circuitlang.model.load import open_model
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import Plan, make_plan
from circuitlang.plan.request import Request
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.report.record import Report
from circuitlang.rounds import observe
from circuitlang.run import reference, sparse
from circuitlang.run.feasible import feasible
from circuitlang.run.preflight import preflight
from circuitlang.score.score import score
from circuitlang.syntax.diagnostic import Diagnostic, Findings, in_order
from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset

# What `preflight` has established when it finds nothing.
PREFLIGHT = (
    "our forward is transformers', layer by layer and in logits; the full circuit is the model, "
    "the empty circuit the fully ablated run"
)

Progress = Callable[[str, int, int], None]


def _unwatched(phase: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def verify_file(
    path: Path, options: Options = EVERYTHING, progress: Progress = _unwatched
) -> Report | Blocked:
    """Verifies one spec. What the spec, its data or its model say never raises: it blocks.

    ``progress`` is called with the name of a phase, the units done and the units in all.
    """
    compiled = compile_file(path)
    if compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    result = verify_circuit(compiled.circuit, path, options, progress)
    if isinstance(result, Blocked):
        return result
    return replace(result, warnings=(*compiled.findings.diagnostics, *result.warnings))


def verify_circuit(
    circuit: Circuit, path: Path, options: Options = EVERYTHING, progress: Progress = _unwatched
) -> Report | Blocked:
    """Verifies a circuit that has been compiled; paths in it are looked up beside ``path``."""
    started = time.perf_counter()
    if unknown := unknown_claims(circuit, options.claims):
        return Blocked(str(path), Findings(circuit.source, unknown), EXIT_INVALID)
    ready = _prepare(with_examples(circuit, options.examples), path, options, progress)
    if isinstance(ready, Blocked):
        return ready
    policy = ready.circuit.policy
    run = reference.run if options.executor == "reference" else sparse.run

    def measure(requests: tuple[Request, ...]) -> Observations:
        return run(
            requests,
            ready.decoder,
            ready.dataset,
            ablation=policy.ablation,
            seed=policy.seed,
            progress=lambda done, total: progress("measuring", done, total),
        )

    observations = observe(ready.circuit, options.claims or None, measure)
    return Report(
        path=str(path),
        circuit=ready.circuit,
        verdicts=score(ready.circuit, observations, date.today(), options.claims or None),
        examples=len(ready.dataset),
        model_digest=ready.decoder.digest,
        data_digest=ready.dataset.digest,
        device=str(ready.decoder.device),
        executor=options.executor,
        versions=_versions(),
        preflight=(PREFLIGHT,),
        warnings=ready.warnings,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True)
class _Ready:
    """Everything that a run needs, opened and found to fit together."""

    circuit: Circuit
    decoder: Decoder
    dataset: Dataset
    plan: Plan
    warnings: tuple[Diagnostic, ...]


def _prepare(
    circuit: Circuit, path: Path, options: Options, progress: Progress
) -> _Ready | Blocked:
    def blocked(problems: tuple[Diagnostic, ...], exit_code: int) -> Blocked:
        return Blocked(str(path), Findings(circuit.source, in_order(problems)), exit_code)

    progress("loading the model", 0, 1)
    decoder, problems = open_model(circuit.model, path.parent, options.device)
    if decoder is None:
        return blocked(problems, EXIT_NOT_MEASURED)
    if circuit.shape != decoder.shape:
        circuit = with_shape(circuit, decoder.shape)
    policy, context = circuit.policy, decoder.shape.context
    progress("building examples", 0, 1)
    dataset, warnings = build_dataset(
        circuit.task, decoder.tokenizer, policy.examples, policy.seed, context=context
    )
    plan = make_plan(circuit, options.claims or None)
    strays = misfits(circuit, decoder.shape)
    if dataset is None or strays:
        return blocked((*strays, *warnings), EXIT_INVALID)
    if obstacles := feasible(plan.requests, decoder, dataset, policy.ablation):
        return blocked(obstacles, EXIT_INVALID)
    progress("preflight", 0, 1)
    if failures := preflight(decoder, dataset):
        return blocked(failures, EXIT_NOT_MEASURED)
    return _Ready(circuit, decoder, dataset, plan, warnings)


def _versions() -> dict[str, str]:
    """Of Python and of every distribution whose version can change a number."""
    found = {"python": python_version()}
    for name in ("circuitlang", "torch", "transformers", "tokenizers", "numpy", "scipy", "gguf"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

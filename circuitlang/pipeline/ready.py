"""Before anything is measured: a model, its examples and a circuit that fit together, and the
executor that answers requests on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
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
from circuitlang.pipeline.dry_run import (
    Options,
    most_examples,
)
from circuitlang.plan.observations import Keep, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Request
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.run import reference, sparse
from circuitlang.run.ablated import donors_of
from circuitlang.run.feasible import feasible
from circuitlang.run.preflight import preflight
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


def unwatched(phase: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Ready:
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


class NotMeasuredError(Exception):
    """The model turned out to be unusable when it was needed."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


class Runner:
    """The executor. Weights are loaded, and the preflight made, when something is to be run."""

    def __init__(self, ready: Ready, options: Options, progress: Progress, models: Models) -> None:
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
        """Raises NotMeasuredError."""
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
        """Raises NotMeasuredError."""
        if self._decoder is None:
            self._progress("loading the model", 0, 1)
            decoder, problems = self._models.load(self._ready.prospect)
            if decoder is None:
                raise NotMeasuredError(problems)
            self._progress("preflight", 0, 1)
            if failures := preflight(decoder, self._ready.dataset):
                raise NotMeasuredError(failures)
            self._decoder = decoder
        return self._decoder


def prepare(
    circuit: Circuit, path: Path, options: Options, progress: Progress, models: Models
) -> Ready | Blocked:
    """Everything but the weights; Blocked where the circuit, its data and the model do not fit.
    Paths in the circuit are looked up beside ``path``."""
    progress("opening the model", 0, 1)
    prospect, problems = models.survey(circuit.model, path.parent, options.device)
    if prospect is None:
        return blocked(circuit, path, problems, EXIT_NOT_MEASURED)
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
        return blocked(circuit, path, (*strays, *warnings), EXIT_INVALID)
    if obstacles := feasible(plan.requests, prospect, dataset, policy.ablation):
        return blocked(circuit, path, obstacles, EXIT_INVALID)
    return Ready(circuit, prospect, dataset, warnings)


def blocked(
    circuit: Circuit, path: Path, problems: tuple[Diagnostic, ...], exit_code: int
) -> Blocked:
    """What stopped a circuit, in the order of its text."""
    return Blocked(str(path), Findings(circuit.source, in_order(problems)), exit_code)


def engine_of(prospect: Prospect, options: Options) -> Engine:
    """What computes the numbers, as the cache keys them."""
    versions = versions_now()
    return Engine(
        model=prospect.digest,
        dtype=prospect.ref.dtype,
        device=prospect.hardware,
        executor=options.executor,
        versions={name: versions[name] for name in _COMPUTING if name in versions},
        code=code_digest(),
    )


def versions_now() -> dict[str, str]:
    """Of Python and of every distribution whose version can change a number."""
    found = {"python": python_version()}
    for name in ("circuitlang", "torch", "transformers", "tokenizers", "numpy", "scipy", "gguf"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

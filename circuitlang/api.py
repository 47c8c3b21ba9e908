"""The Python interface: one function for each thing that one does with a `.circuit` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.compile import compile_file
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render

if TYPE_CHECKING:
    from circuitlang.report.record import Report


class SpecError(ValueError):
    """A spec that cannot be used. ``findings`` say why; the message shows them in full."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(render(findings, "full"))
        self.findings = findings


class NotMeasuredError(RuntimeError):
    """A sound spec whose model could not be had or did not pass the preflight."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(render(findings, "full"))
        self.findings = findings


def check(path: str | Path) -> Findings:
    """Everything that is wrong with a file, without a model. Raises for nothing in the file."""
    return compile_file(Path(path)).findings


def load(path: str | Path) -> Circuit:
    """The circuit that a file describes; ``circuit.graph`` is a networkx graph of its edges.

    Raises
    ------
    SpecError
        If the file cannot be read or has errors.
    """
    compiled = compile_file(Path(path))
    if compiled.circuit is None:
        raise SpecError(compiled.findings)
    return compiled.circuit


def verify(
    path: str | Path,
    *,
    claims: tuple[str, ...] = (),
    device: str = "cpu",
    examples: int | None = None,
    seed: int | None = None,
    cache: bool = True,
    against: str | Path | None = None,
    max_drop: float = 0.0,
) -> Report:
    """Measures the claims of a file on its model and judges them.

    ``claims`` names those to judge, all when empty; ``examples`` and ``seed`` replace the
    policy's.
    What was measured before is taken from `.circuitlang`, and what is measured now is kept there,
    unless ``cache`` is False. ``against`` names evidence to compare the claims with, one by one,
    where a claim may fall by ``max_drop`` in its measure's own unit; see ``Report.against``.

    Raises
    ------
    SpecError
        If the file or the data that it names is invalid, or the evidence is, or is of another
        definition.
    NotMeasuredError
        If the model is not at hand, does not fit, or fails the preflight.
    """
    from circuitlang.pipeline.against import Baseline
    from circuitlang.pipeline.dry_run import Options
    from circuitlang.pipeline.evidence import read_evidence
    from circuitlang.pipeline.verify import verify_file
    from circuitlang.report.blocked import EXIT_INVALID, Blocked

    baseline = None
    if against is not None:
        evidence, findings = read_evidence(Path(against))
        if evidence is None:
            raise SpecError(findings)
        baseline = Baseline(evidence, max_drop)
    options = Options(tuple(claims), device, examples, cache=cache, seed=seed)
    result = verify_file(Path(path), options, baseline=baseline)
    if isinstance(result, Blocked):
        raised = SpecError if result.exit_code == EXIT_INVALID else NotMeasuredError
        raise raised(result.findings)
    return result

"""Evidence run again: does the same model on the same prompts give the recorded numbers?"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from circuitlang.model.opened import Models
from circuitlang.pipeline.agreement import claims, distances, identity, matrices, numbers
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.ready import Progress
from circuitlang.pipeline.recorded import Evidence
from circuitlang.pipeline.tolerance import TOLERANCES
from circuitlang.pipeline.verify import verify_circuit
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.report.changes import differences
from circuitlang.report.json import to_object
from circuitlang.report.record import Report
from circuitlang.report.reproduction import Reproduction

# Of the machine: what may differ, and is said.
_NOTED = ("versions", "device", "executor")


def reproduce(
    path: Path, options: Options, progress: Progress, models: Models | None = None
) -> Reproduction | Blocked:
    """Verifies what the evidence at ``path`` holds once more and compares every number, estimate
    and verdict, those of its sensitivity matrix too. Of the ``options`` device, executor and memory
    count; examples and seed are the record's. Data beside the spec are looked up beside ``path``.
    """
    evidence, findings = read_evidence(path)
    if evidence is None:
        return Blocked(str(path), findings, EXIT_INVALID)
    options = replace(
        options,
        claims=(),
        examples=evidence.options.examples,
        seed=evidence.options.seed,
        sensitivity=evidence.options.sensitivity,
        # Numbers from the cache would agree with themselves.
        cache=False,
    )
    report = verify_circuit(evidence.circuit, path, options, progress, models)
    if isinstance(report, Blocked):
        return report
    return compared(evidence, report)


def compared(evidence: Evidence, report: Report) -> Reproduction:
    """What is recorded beside a report on the same circuit."""
    tolerance = TOLERANCES[evidence.circuit.model.dtype]
    # Waivers are judged as of the day of the record, in both.
    again = replace(report, verdicts=evidence.verdicts(report.observations))
    recorded, found = evidence.verification, to_object(again)
    apart = distances(evidence, report, tolerance)
    changes = [
        *identity(evidence, report, found),
        *numbers(evidence, report, apart, tolerance),
        *claims(evidence, found, tolerance),
        *matrices(evidence, found, tolerance),
    ]
    notes = differences(
        {key: recorded[key] for key in _NOTED},
        {key: found[key] for key in _NOTED},
        lambda one, other: one == other,
    )
    whole = len(apart) == len(evidence.observations)
    return Reproduction(
        path=str(evidence.path),
        report=report,
        changes=tuple(changes),
        notes=tuple(notes),
        expired=evidence.expired,
        numbers=sum(len(one) for one in evidence.observations.values()),
        worst=max(apart.values(), default=0.0) if whole else math.inf,
        tolerance=tolerance.share,
    )

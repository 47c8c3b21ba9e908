"""Evidence run again: does the same model on the same prompts give the recorded numbers?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from circuitlang.model.opened import Models
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.ready import Progress
from circuitlang.pipeline.recorded import Evidence
from circuitlang.pipeline.verify import verify_circuit
from circuitlang.plan.canonical import Canon
from circuitlang.plan.request import Request
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.report.changes import Change, differences
from circuitlang.report.json import to_object
from circuitlang.report.record import Report
from circuitlang.report.reproduction import Reproduction

# How far numbers of one model on two machines may lie apart, as a share of the largest of their
# series (or absolutely, where that is below one).
TOLERANCE = {"float64": 1e-8, "float32": 1e-3, "bfloat16": 5e-2}


def reproduce(
    path: Path, options: Options, progress: Progress, models: Models | None = None
) -> Reproduction | Blocked:
    """Verifies what the evidence at ``path`` holds once more and compares every number, estimate
    and verdict. Of the ``options`` device, executor and memory count; examples and seed are the
    record's. Data beside the spec are looked up beside ``path``."""
    evidence, findings = read_evidence(path)
    if evidence is None:
        return Blocked(str(path), findings, EXIT_INVALID)
    options = replace(
        options,
        claims=(),
        examples=evidence.options.examples,
        seed=evidence.options.seed,
        # Numbers from the cache would agree with themselves.
        cache=False,
    )
    report = verify_circuit(evidence.circuit, path, options, progress, models)
    if isinstance(report, Blocked):
        return report
    return compared(evidence, report)


def compared(evidence: Evidence, report: Report) -> Reproduction:
    """The recorded numbers beside those of a report on the same circuit."""
    tolerance = TOLERANCE[evidence.circuit.model.dtype]
    # Waivers are judged as of the day of the record, in both.
    again = replace(report, verdicts=evidence.verdicts(report.observations))
    recorded, found = evidence.verification, to_object(again)

    def close(one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)

    apart = {request: _apart(evidence, report, request) for request in evidence.observations}
    changes = [
        *_identity(recorded, found),
        *_numbers(evidence, report, apart, tolerance),
        *differences(_judged(recorded), _judged(found), close),
    ]
    notes = differences(
        {key: recorded[key] for key in ("versions", "device", "executor")},
        {key: found[key] for key in ("versions", "device", "executor")},
        lambda one, other: one == other,
    )
    return Reproduction(
        str(evidence.path),
        report,
        tuple(changes),
        tuple(notes),
        sum(len(one) for one in evidence.observations.values()),
        max(apart.values(), default=0.0),
        tolerance,
    )


def _identity(recorded: Any, found: Any) -> Iterator[Change]:
    """Other weights or other prompts explain every other difference, and come first."""
    for part, name in (("model", "digest"), ("data", "digest"), ("data", "n")):
        if recorded[part][name] != found[part][name]:
            yield Change(f"{part}.{name}", recorded[part][name], found[part][name])


def _numbers(
    evidence: Evidence, report: Report, apart: Mapping[Request, float], tolerance: float
) -> Iterator[Change]:
    canon = Canon()
    for request, before in evidence.observations.items():
        name = canon.text(request)
        now = report.observations.get(request)
        if now is None or len(now) != len(before):
            yield Change(name, f"{len(before)} numbers", "none" if now is None else len(now))
        elif not apart[request] <= tolerance:
            pairs = enumerate(zip(before.values, now.values, strict=True))
            at, (one, other) = max(pairs, key=lambda pair: _distance(*pair[1]))
            yield Change(f"{name} on example {at}", one, other)


def _apart(evidence: Evidence, report: Report, request: Request) -> float:
    before, now = evidence.observations[request], report.observations.get(request)
    if now is None or len(now) != len(before):
        return math.inf
    scale = max((abs(v) for v in before.values if math.isfinite(v)), default=1.0)
    pairs = zip(before.values, now.values, strict=True)
    return max((_distance(*pair) for pair in pairs), default=0.0) / max(scale, 1.0)


def _distance(one: float, other: float) -> float:
    if math.isfinite(one) and math.isfinite(other):
        return abs(one - other)
    return 0.0 if math.isfinite(one) == math.isfinite(other) else math.inf


def _judged(record: Any) -> Any:
    """What has to come out again. A p-value is left out: it is a tail of the resampled means that
    the interval is made of, and moves more than they do."""
    kept = ("name", "verdict", "judged", "estimate", "interval", "n", "parts", "formula")
    return {"claims": [{key: claim[key] for key in kept} for claim in record["claims"]]}

"""The evidence record: a report as JSON under the published schema `schema/verify-4.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from circuitlang.circuit.circuit import Claim, Waiver
from circuitlang.plan.measures import MEASURES
from circuitlang.report.blocked import Blocked, blocked_object
from circuitlang.report.look import Look
from circuitlang.report.looks import claim_looks_json, looks_json
from circuitlang.report.record import Report
from circuitlang.report.regressions import regressions_object
from circuitlang.report.reuse import Reuse
from circuitlang.report.schema import load_schema
from circuitlang.score.sensitivity import Cell, Sensitivity
from circuitlang.score.verdict import Cover, Interval, Measured, NullTest, Part, Verdict

SCHEMA = "circuitlang/verify-4"


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """The record of one spec, or an array of those of several; indented, ending in a line feed."""
    objects = [
        blocked_object(result) if isinstance(result, Blocked) else to_object(result)
        for result in results
    ]
    whole = objects[0] if len(objects) == 1 else objects
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that `render` keeps to."""
    return load_schema("verify-4")


def to_object(report: Report) -> dict[str, Any]:
    """The record as plain values. A number that is not finite is None, and the claim's ``reasons``
    say why."""
    circuit, policy = report.circuit, report.circuit.policy
    return {
        "schema": SCHEMA,
        "verdict": report.outcome,
        "exit_code": report.exit_code,
        "spec": {"path": report.path, "name": circuit.name, "digest": circuit.digest},
        "model": {
            "source": circuit.model.source,
            "revision": circuit.model.revision,
            "digest": report.model_digest,
            "dtype": circuit.model.dtype,
        },
        "data": {"digest": report.data_digest, "n": report.examples},
        "policy": {
            "granularity": policy.granularity,
            "ablation": str(policy.ablation),
            "positions": policy.positions,
            "keep_mlps": circuit.keep_mlps,
            "examples": policy.examples,
            "confidence": policy.confidence,
            "resamples": policy.resamples,
            "cover": str(policy.cover or "none"),
            "family": policy.family,
        },
        "seed": policy.seed,
        "device": report.device,
        "executor": report.executor,
        "versions": dict(sorted(report.versions.items())),
        "preflight": list(report.preflight),
        "seconds": report.seconds,
        "looks": looks_json(report),
        "claims": [
            {
                **_verdict(verdict),
                "looks": claim_looks_json(verdict, report.fixed),
                "cache": _reuse(report.reuse.get(verdict.claim.name)),
            }
            for verdict in report.verdicts
        ],
        "sensitivity": None
        if report.sensitivity is None
        else [_sensitivity(one) for one in report.sensitivity],
        "against": None if report.against is None else regressions_object(report.against),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    claim, estimate = verdict.claim, verdict.estimate
    return {
        "name": claim.name,
        "verdict": verdict.outcome,
        "judged": verdict.judged,
        "measure": claim.measure.name,
        "arguments": {key: _argument(value) for key, value in claim.measure.arguments.items()},
        "formula": verdict.formula,
        "definition": MEASURES[claim.measure.name].summary,
        "claimed": _claimed(claim),
        "estimate": None if estimate is None else finite(estimate.value),
        "interval": None if estimate is None or verdict.test else _interval(estimate.interval),
        "confidence": verdict.confidence,
        "n": verdict.n,
        "test": _test(verdict.test),
        "p": verdict.p,
        "adjusted_p": verdict.adjusted,
        "method": verdict.method,
        "inputs": _inputs(verdict.inputs),
        "parts": [_part(part) for part in verdict.parts],
        "searched": None if verdict.searched is None else finite(verdict.searched),
        "worst": list(verdict.worst),
        "covers": [_cover(cover) for cover in verdict.covers],
        "reasons": list(verdict.reasons),
        "waiver": _waiver(verdict.waiver),
        "seconds": verdict.seconds,
    }


def _sensitivity(matrix: Sensitivity) -> dict[str, Any]:
    return {
        "claim": matrix.claim.name,
        "formula": matrix.formula,
        "confidence": matrix.confidence,
        "corrupt": matrix.corrupt,
        "measured": len(matrix.measured),
        "flips": len(matrix.flips),
        "cells": [_cell(cell) for cell in matrix.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    estimate = cell.estimate
    return {
        "granularity": cell.granularity,
        "ablation": cell.ablation,
        "positions": cell.positions,
        "estimator": cell.estimator,
        "estimate": None if estimate is None else finite(estimate.value),
        "interval": None if estimate is None else _interval(estimate.interval),
        "n": cell.n,
        "verdict": cell.outcome,
        "own": cell.own,
        "flips": cell.flips,
        "near_zero": cell.near_zero,
        "reason": cell.reason,
    }


def _reuse(reuse: Reuse | None) -> dict[str, Any] | None:
    if reuse is None:
        return None
    return {
        "status": reuse.status,
        "found": reuse.found,
        "needed": reuse.needed,
        "reasons": list(reuse.reasons),
    }


def _claimed(claim: Claim) -> dict[str, Any]:
    return {
        "text": claim.demand,
        "comparator": claim.comparator,
        "threshold": claim.threshold,
        "tolerance": claim.tolerance,
        "percent": claim.percent,
        "severity": claim.severity,
    }


def _waiver(waiver: Waiver | None) -> dict[str, str] | None:
    return None if waiver is None else {"until": waiver.until, "because": waiver.because}


def _test(test: NullTest | None) -> dict[str, Any] | None:
    if test is None:
        return None
    return {"hypothesis": test.hypothesis, "rejected": test.rejected, "least_p": test.least}


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "estimate": finite(part.estimate.value),
        "interval": _interval(part.estimate.interval),
        "category": part.category,
        "inputs": _inputs(part.inputs),
        "members": list(part.members),
        "searched": None if part.searched is None else finite(part.searched),
        "p": part.p,
        "adjusted_p": part.adjusted,
    }


def _cover(cover: Cover) -> dict[str, Any]:
    return {
        "name": cover.name,
        "met": cover.met,
        "text": cover.text,
        "values": [finite(value) for value in cover.values],
        "passing": cover.passing,
    }


def _inputs(inputs: Mapping[str, Measured]) -> dict[str, Any]:
    return {
        name: {"value": finite(measured.value), "interval": _interval(measured.interval)}
        for name, measured in inputs.items()
    }


def _argument(value: object) -> str | int | float:
    return value if isinstance(value, str | int | float) else str(value)


def _interval(interval: Interval) -> list[float] | None:
    return list(interval) if all(map(math.isfinite, interval)) else None


def finite(value: float) -> float | None:
    """A number as the record has it: null where it is none."""
    return value if math.isfinite(value) else None

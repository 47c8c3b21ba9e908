"""A record beside a new run of the same: what did not come out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from circuitlang.circuit.circuit import Claim
from circuitlang.pipeline.recorded import Evidence
from circuitlang.pipeline.tolerance import Tolerance, distance
from circuitlang.plan.canonical import Canon
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observation
from circuitlang.plan.plan import pose
from circuitlang.plan.request import Request
from circuitlang.plan.sensitivity import ESTIMATORS, Matrix, Setting
from circuitlang.report.changes import Change, differences
from circuitlang.report.json import finite
from circuitlang.report.record import Report

Record = Mapping[str, Any]

_VERDICT = ("name", "verdict", "judged", "formula", "n")
_NUMBERS = ("estimate", "interval", "searched")
_PART = (*_NUMBERS, "name", "category", "members")
# What shares are shares of: 100%.
_WHOLE = 1.0


def identity(evidence: Evidence, report: Report, found: Record) -> Iterator[Change]:
    """Other weights, prompts or sizes explain every other difference, and come first."""
    recorded = evidence.verification
    for part, name in (("model", "digest"), ("data", "digest"), ("data", "n")):
        if recorded[part][name] != found[part][name]:
            yield Change(f"{part}.{name}", recorded[part][name], found[part][name])
    shape = None if report.circuit.shape is None else asdict(report.circuit.shape)
    yield from differences(evidence.content["shape"], shape, lambda a, b: a == b, "shape")


def numbers(
    evidence: Evidence, report: Report, apart: Mapping[Request, float], tolerance: Tolerance
) -> Iterator[Change]:
    """Series that are not there again, are of other templates, or lie too far ``apart``. Series
    share their lists of templates: each is looked at once."""
    named = set[tuple[str, ...]]()
    for request, before in evidence.observations.items():
        name, now = evidence.replay.texts[request], report.observations.get(request)
        if now is None or len(now) != len(before):
            yield Change(name, f"{len(before)} numbers", "none" if now is None else len(now))
            continue
        if before.clusters not in named and before.clusters != now.clusters:
            names = enumerate(zip(before.clusters, now.clusters, strict=True))
            at, (one, other) = next(pair for pair in names if pair[1][0] != pair[1][1])
            yield Change(f"{name}: template of example {at}", one, other)
        named.add(before.clusters)
        if not apart[request] <= tolerance.share:
            pairs = enumerate(zip(before.values, now.values, strict=True))
            at, (a, b) = max(pairs, key=lambda one: distance(*one[1]))
            yield Change(f"{name} on example {at}", finite(a), finite(b))
    canon = Canon()
    for request, now in report.observations.items():
        if request not in evidence.observations:
            yield Change(canon.text(request), "none", f"{len(now)} numbers")


def distances(evidence: Evidence, report: Report, tolerance: Tolerance) -> Mapping[Request, float]:
    """How far each recorded series is from the new one, where there is one of its length."""
    return {
        request: tolerance.apart(before, now)
        for request, before in evidence.observations.items()
        if (now := report.observations.get(request)) is not None and len(now) == len(before)
    }


def claims(evidence: Evidence, found: Record, tolerance: Tolerance) -> Iterator[Change]:
    """Verdicts, estimates, intervals, parts and inputs. A p-value that is no estimate is left out:
    it is a tail of the resampled means that the interval is made of, and moves more than they
    do."""
    every = zip(
        evidence.circuit.claims, evidence.verification["claims"], found["claims"], strict=True
    )
    for claim, before, now in every:
        reads = evidence.replay.needs[claim.name].items()
        read = [evidence.observations[one] for label, one in reads if not label.startswith("cover")]
        metric = tolerance.scale(read)
        own = _own(claim, metric)
        # The parts beside a test are in the unit of the metric.
        of_parts = own if before["test"] is None else metric
        for pick, scale in ((_verdict, own), (_parts, of_parts), (_inputs, metric)):
            place, close = f"claims[{claim.name}]", tolerance.within(scale)
            yield from differences(pick(before), pick(now), close, place)


def matrices(evidence: Evidence, found: Record, tolerance: Tolerance) -> Iterator[Change]:
    """Every cell of the sensitivity matrix, each to its own scale. Why a cell that was measured is
    inconclusive has rounded numbers in it, and is left out."""
    recorded, again = evidence.verification["sensitivity"], found["sensitivity"]
    matrix = evidence.replay.matrix
    if matrix is None or again is None:
        if recorded != again:
            yield Change("sensitivity", recorded, again)
        return
    for claim, before, now in zip(matrix.claims, recorded, again, strict=True):
        place = f"sensitivity[{claim.name}]"
        heads = [{k: v for k, v in one.items() if k != "cells"} for one in (before, now)]
        yield from differences(heads[0], heads[1], lambda a, b: a == b, place)
        settings = [setting for setting in matrix.settings for _ in ESTIMATORS]
        cells = zip(settings, before["cells"], now["cells"], strict=True)
        for setting, one, other in cells:
            read = _read(matrix, setting, claim, evidence)
            close = tolerance.within(_own(claim, tolerance.scale(read)))
            name = ", ".join(
                one[key] for key in ("granularity", "ablation", "positions", "estimator")
            )
            yield from differences(_told(one), _told(other), close, f"{place}.cells[{name}]")


def _own(claim: Claim, metric: float) -> float:
    """The scale of a claim's own number: a share is of the whole, all else of what it reads."""
    relative = MEASURES[claim.measure.name].relative(claim.measure.arguments)
    return _WHOLE if relative else metric


def _read(
    matrix: Matrix, setting: Setting, claim: Claim, evidence: Evidence
) -> Iterator[Observation]:
    if setting.circuit is not None:
        seen = matrix.seen(setting, evidence.observations)
        for request in pose(setting.circuit, claim, seen).reads.values():
            yield seen[request]


def _told(cell: Record) -> Record:
    left_out = () if cell["verdict"] is None else ("reason",)
    return {key: value for key, value in cell.items() if key not in left_out}


def _verdict(claim: Record) -> Record:
    return {name: claim[name] for name in (*_VERDICT, *_NUMBERS)}


def _parts(claim: Record) -> Record:
    return {"parts": [{name: part[name] for name in _PART} for part in claim["parts"]]}


def _inputs(claim: Record) -> Record:
    of_parts = [{name: part[name] for name in ("name", "inputs")} for part in claim["parts"]]
    return {"inputs": claim["inputs"], "parts": of_parts}

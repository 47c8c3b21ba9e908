"""The evidence of a verification: its record, the spec's text and every number on every example,
sealed, under the published schema `schema/evidence-1.json`. What a third party needs to judge it
again, and to run it again."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.plan.canonical import Canon
from circuitlang.report.json import to_object
from circuitlang.report.record import Report
from circuitlang.report.schema import load_schema

SCHEMA = "circuitlang/evidence-1"

# Fields that a new run finds as they are or otherwise, and of which the numbers say nothing.
BY_A_RUN = ("shape", "model.digest", "data.digest", "clusters")
# Where, when and with what it was verified: nobody can tell afterwards.
PROVENANCE = (
    "date",
    "spec.path",
    "device",
    "executor",
    "versions",
    "preflight",
    "seconds",
    "cache",
)
NOT_JUDGED = (*BY_A_RUN, *PROVENANCE)


def evidence_path(spec: Path) -> Path:
    """Where the evidence of a spec is kept: `ioi.circuit` has it in `ioi.evidence.json`."""
    return spec.with_suffix(".evidence.json")


def evidence(report: Report, today: date) -> str:
    """The evidence as JSON, ending in a line feed.

    ``today`` is the day on which waivers were looked at. Numbers are written so that they are read
    back bit by bit; each series stands on a line of its own, so that a changed one is one line of a
    diff. A number that is not finite is null.
    """
    canon = Canon()
    observed = report.observations
    numbered = {request: i for i, request in enumerate(observed)}
    groups: dict[tuple[str, ...], int] = {}
    series = [
        {
            "request": canon.text(request),
            "clusters": groups.setdefault(one.clusters, len(groups)),
            "values": [value if math.isfinite(value) else None for value in one.values],
        }
        for request, one in observed.items()
    ]
    content = {
        "schema": SCHEMA,
        "date": today.isoformat(),
        "text": report.circuit.source.text,
        "shape": None if report.circuit.shape is None else asdict(report.circuit.shape),
        # Of this spec alone: what it was compared with is no part of it.
        "verification": to_object(replace(report, against=None)),
        "reads": {
            claim: {label: numbered[request] for label, request in reads.items()}
            for claim, reads in report.needs.items()
        },
        "clusters": [list(names) for names in groups],
        "series": series,
    }
    return _written({**content, "seal": seal(content)})


def seal(content: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal, of everything in the evidence but the seal itself. It tells a slip
    of the hand, not a forger: who edits may seal again, and only a new run finds that out."""
    bare = {key: value for key, value in content.items() if key != "seal"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def evidence_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the evidence; ``verification`` has its own."""
    return load_schema("evidence-1")


def _written(content: dict[str, Any]) -> str:
    long = ("clusters", "series")
    short = {key: value for key, value in content.items() if key not in long}
    lines = json.dumps(short, indent=2, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    for key in long:
        rows = (f"    {json.dumps(row, ensure_ascii=False)}" for row in content[key])
        lines += f',\n  "{key}": [\n' + ",\n".join(rows) + "\n  ]"
    return lines + "\n}\n"

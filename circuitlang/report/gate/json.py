"""What the gate found as JSON under the published schema `schema/gate-1.json`."""

from __future__ import annotations

import json
from typing import Any

from circuitlang.report.diff.json import changes_of
from circuitlang.report.gate.record import Gate, Judged
from circuitlang.report.schema import load_schema
from circuitlang.syntax.render.json import as_object

SCHEMA = "circuitlang/gate-1"


def gate_to_json(gate: Gate) -> str:
    """The record, indented, ending in a line feed."""
    record = {
        "schema": SCHEMA,
        "exit_code": gate.exit_code,
        "base": gate.base._asdict(),
        "head": gate.head._asdict(),
        "files": [_file(one) for one in gate.files],
        "unchanged": gate.unchanged,
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that `gate_to_json` keeps to."""
    return load_schema("gate-1")


def _file(one: Judged) -> dict[str, Any]:
    findings = one.findings
    return {
        "path": one.path,
        "change": one.change,
        "outcome": one.outcome,
        "diagnostics": [as_object(findings.source, found) for found in findings.diagnostics],
        "changes": None if one.difference is None else changes_of(one.difference),
        "notes": list(one.notes),
    }

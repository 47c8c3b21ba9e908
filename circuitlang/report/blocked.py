"""A verification that never came to a number, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render.json import as_object

SCHEMA = "circuitlang/blocked-1"

# Exit codes: the spec or its data is invalid; the model or the machine would not do it.
EXIT_INVALID = 2
EXIT_NOT_MEASURED = 4


@dataclass(frozen=True)
class Blocked:
    """``findings`` hold at least one error; ``exit_code`` is one of the two above."""

    path: str
    findings: Findings
    exit_code: int

    @property
    def outcome(self) -> Literal["invalid", "error"]:
        return "invalid" if self.exit_code == EXIT_INVALID else "error"

    @property
    def model_missing(self) -> bool:
        return any(d.code == "model-not-found" for d in self.findings.diagnostics)


def blocked_to_json(blocked: Blocked) -> str:
    """An object beside which a machine finds no claims, ending in a line feed."""
    record = {
        "schema": SCHEMA,
        "verdict": blocked.outcome,
        "exit_code": blocked.exit_code,
        "spec": {"path": blocked.path},
        "diagnostics": [
            as_object(blocked.findings.source, found) for found in blocked.findings.diagnostics
        ],
        "claims": [],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"

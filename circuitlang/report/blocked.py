"""A verification that never came to a number, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from circuitlang.syntax.diagnostic import Findings, Severity
from circuitlang.syntax.render import render
from circuitlang.syntax.render.cells import visible
from circuitlang.syntax.render.json import as_object

SCHEMA = "circuitlang/blocked-1"

# Exit codes: the spec or its data is invalid; the model or the machine would not do it.
EXIT_INVALID = 2
EXIT_NOT_MEASURED = 4


SKIPPED = "checked, not verified: its model is not at hand"


@dataclass(frozen=True)
class Blocked:
    """``findings`` hold at least one error; ``exit_code`` is one of the two above, or 0 where
    whoever asked can do without this spec, as its model is not at hand."""

    path: str
    findings: Findings
    exit_code: int

    @property
    def outcome(self) -> Literal["invalid", "error", "skipped"]:
        if self.exit_code == 0:
            return "skipped"
        return "invalid" if self.exit_code == EXIT_INVALID else "error"

    @property
    def reason(self) -> str:
        """The first error's message, and how many more there are."""
        errors = [d.message for d in self.findings.diagnostics if d.severity is Severity.ERROR]
        return errors[0] + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")

    @property
    def model_missing(self) -> bool:
        return any(d.code == "model-not-found" for d in self.findings.diagnostics)


def skipped_without_model(blocked: Blocked) -> Blocked:
    """The same, skipped if all that it lacks is its model."""
    return replace(blocked, exit_code=0) if blocked.model_missing else blocked


def blocked_line(blocked: Blocked) -> str:
    """What became of the spec, in one line."""
    path = visible(blocked.path)
    match blocked.outcome:
        case "skipped":
            return f"{path}: {SKIPPED}"
        case "invalid":
            return f"invalid: {path}: nothing was run"
        case _:
            return f"error: {path}: could not be measured"


def blocked_text(blocked: Blocked, *, color: bool = False) -> str:
    """The diagnostics, where it was not skipped, and what became of the spec; ends in a line
    feed."""
    line = f"{blocked_line(blocked)}\n"
    if blocked.outcome == "skipped":
        return line
    return f"{render(blocked.findings, 'full', color=color)}\n{line}"


def blocked_object(blocked: Blocked) -> dict[str, Any]:
    """An object beside which a machine finds no claims."""
    return {
        "schema": SCHEMA,
        "verdict": blocked.outcome,
        "exit_code": blocked.exit_code,
        "spec": {"path": blocked.path},
        "diagnostics": [
            as_object(blocked.findings.source, found) for found in blocked.findings.diagnostics
        ],
        "claims": [],
    }

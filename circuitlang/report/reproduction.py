"""Evidence beside a new run of the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from circuitlang.report.changes import Change
from circuitlang.report.number import duration
from circuitlang.report.record import Report

EXIT_DIFFERS = 1
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Reproduction:
    """``path`` is the evidence's, ``report`` of the new run. ``changes`` are what differs by more
    than ``tolerance``, ``notes`` what differs and may: versions, device, executor. ``numbers`` were
    compared; ``worst`` is the largest difference of two, as a share of the largest of their
    series."""

    path: str
    report: Report
    changes: tuple[Change, ...]
    notes: tuple[Change, ...]
    numbers: int
    worst: float
    tolerance: float

    @property
    def exit_code(self) -> int:
        return EXIT_DIFFERS if self.changes else 0


def render_reproduction(found: Reproduction) -> str:
    """For a person at a terminal; ends in a line feed."""
    claims = len(found.report.verdicts)
    lines = [f"note: {note}" for note in found.notes]
    if found.changes:
        lines.append(f"{found.path}: does not reproduce: {len(found.changes)} differences")
        lines += [f"  {change}" for change in found.changes[:_MOST_SHOWN]]
        if len(found.changes) > _MOST_SHOWN:
            lines.append(f"  and {len(found.changes) - _MOST_SHOWN} more")
    else:
        lines.append(
            f"{found.path}: reproduced: {claims} claims and {found.numbers:,} numbers agree, the "
            f"largest difference is {found.worst:.2g} of its scale (allowed: {found.tolerance:g}), "
            f"in {duration(found.report.seconds)}"
        )
    return "\n".join(lines) + "\n"


def reproduction_to_json(found: Reproduction) -> str:
    """The same for a machine, ending in a line feed."""
    record: dict[str, Any] = {
        "schema": "circuitlang/reproduction-1",
        "path": found.path,
        "exit_code": found.exit_code,
        "numbers": found.numbers,
        "worst": found.worst if found.worst < float("inf") else None,
        "tolerance": found.tolerance,
        "changes": [change._asdict() for change in found.changes],
        "notes": [note._asdict() for note in found.notes],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"

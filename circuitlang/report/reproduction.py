"""Evidence beside a new run of the same."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from circuitlang.circuit.circuit import Waiver
from circuitlang.report.blocked import Blocked, blocked_object, blocked_text
from circuitlang.report.changes import Change
from circuitlang.report.number import duration
from circuitlang.report.record import Report
from circuitlang.report.schema import load_schema
from circuitlang.syntax.counted import counted
from circuitlang.syntax.render.cells import visible

SCHEMA = "circuitlang/reproduction-1"
EXIT_DIFFERS = 1
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Reproduction:
    """``path`` is the evidence's, ``report`` of the new run. ``changes`` are what differs by more
    than ``tolerance``, ``notes`` what differs and may: versions, device, executor. ``expired`` are
    waivers that have ended since the record. ``numbers`` were compared; ``worst`` is the largest
    difference of two, as a share of the largest of their series, and infinite where a series is
    missing."""

    path: str
    report: Report
    changes: tuple[Change, ...]
    notes: tuple[Change, ...]
    expired: tuple[Waiver, ...]
    numbers: int
    worst: float
    tolerance: float

    @property
    def exit_code(self) -> int:
        return EXIT_DIFFERS if self.changes else 0


def render_reproductions(results: Sequence[Reproduction | Blocked], form: str = "text") -> str:
    """For a person at a terminal, or as JSON: one object, or an array of several. Ends in a line
    feed."""
    if form == "json":
        objects = [
            blocked_object(one) if isinstance(one, Blocked) else _object(one) for one in results
        ]
        whole = objects[0] if len(objects) == 1 else objects
        return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return "".join(blocked_text(one) if isinstance(one, Blocked) else _text(one) for one in results)


def reproduction_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the object of one reproduction."""
    return load_schema("reproduction-1")


def _text(found: Reproduction) -> str:
    lines = [f"note: {note}" for note in found.notes]
    lines += [
        f"note: the waiver of `{one.claim}` ended on {one.until}, after this was recorded"
        for one in found.expired
    ]
    path = visible(found.path)
    if found.changes:
        lines.append(f"{path}: does not reproduce: {counted(len(found.changes), 'difference')}")
        lines += [f"  {change}" for change in found.changes[:_MOST_SHOWN]]
        if len(found.changes) > _MOST_SHOWN:
            lines.append(f"  and {len(found.changes) - _MOST_SHOWN} more")
    else:
        lines.append(
            f"{path}: reproduced: {counted(len(found.report.verdicts), 'claim')} and "
            f"{found.numbers:,} numbers agree, the largest difference is {found.worst:.2g} of the "
            f"scale of its series (allowed: {found.tolerance:g}), in "
            f"{duration(found.report.seconds)}"
        )
    return "\n".join(lines) + "\n"


def _object(found: Reproduction) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "path": found.path,
        "exit_code": found.exit_code,
        "numbers": found.numbers,
        "worst": found.worst if math.isfinite(found.worst) else None,
        "tolerance": found.tolerance,
        "changes": [change._asdict() for change in found.changes],
        "notes": [note._asdict() for note in found.notes],
        "expired": [{"claim": one.claim, "until": one.until} for one in found.expired],
    }

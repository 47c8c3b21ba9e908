"""Tree to circuit: every static rule of the language, and the names resolved.

``check`` is the whole room. No rule looks at weights or runs anything from a spec; files are read
only inside the spec's own folder.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from circuitlang.check.checked import collect
from circuitlang.check.resolve import resolve
from circuitlang.check.suggest import DID_YOU_MEAN
from circuitlang.circuit.circuit import Circuit
from circuitlang.syntax.diagnostic import Diagnostic, has_errors, in_order
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import File

# What is said to be absent may stand in a part of the text that could not be parsed.
_ABSENCES = frozenset(
    {
        "missing-statement",
        "missing-setting",
        "missing-argument",
        "missing-attending",
        "empty-role",
        "unknown-words",
        "unknown-slot",
        "unknown-position",
        "unknown-corruption",
        "unknown-role",
        "unknown-claim",
        "not-a-member",
        "position-not-in-prompt",
        "role-without-outlet",
        "role-without-inlet",
        "dead-member",
        "backward-edge",
        "not-enough-examples",
    }
)


def check(
    file: File, source: Source, root: Path, today: date, *, partial: bool = False
) -> tuple[Circuit | None, tuple[Diagnostic, ...]]:
    """The circuit that a tree means, or None with at least one error; all findings in order.

    ``root`` is the project folder: relative paths are looked up there and may not leave it.
    ``today`` decides which waivers have expired. With ``partial`` the text had syntax errors: no
    circuit is made, and nothing is reported that may follow from a part that was not read; a name
    that is nearly one of the names that were read is taken for a slip all the same.
    """
    circuit, found = collect(resolve(file, source, root, today))
    if partial:
        return None, in_order(d for d in found if d.code not in _ABSENCES or _is_slip(d))
    return (None if has_errors(found) else circuit), in_order(found)


def _is_slip(finding: Diagnostic) -> bool:
    return (finding.help or "").startswith(DID_YOU_MEAN)

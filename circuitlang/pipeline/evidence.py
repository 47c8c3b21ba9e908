"""Evidence read back: a stranger's file, checked, and judged again from its own numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from circuitlang.check.fit import misfits
from circuitlang.circuit.expand import with_shape
from circuitlang.circuit.shape import ModelShape
from circuitlang.pipeline.compile import Compiled, compile_source
from circuitlang.pipeline.dry_run import adjusted
from circuitlang.pipeline.evidence_file import load_evidence
from circuitlang.pipeline.recorded import Evidence, options_of
from circuitlang.pipeline.replay import NotRecordedError, misplaced, replay
from circuitlang.pipeline.structure import BESIDE
from circuitlang.plan.variant import ShapeNeededError
from circuitlang.report.changes import Change, differences
from circuitlang.report.evidence import NOT_JUDGED, seal
from circuitlang.report.json import to_object
from circuitlang.syntax.diagnostic import Diagnostic, Findings, Severity
from circuitlang.syntax.read import read_text
from circuitlang.syntax.source import NOWHERE, Source
from circuitlang.syntax.strict_json import RefusedError

# What a second judgement of the same numbers may differ by: the order of a sum.
_ROUNDING = 1e-9
_MOST_SHOWN = 8
# Where the record was made it may be tomorrow already.
_AHEAD = timedelta(days=1)


class _ImpossibleError(Exception):
    """Why no verification can have written a record; what else is wrong cannot be told."""


def read_evidence(path: Path, today: date | None = None) -> tuple[Evidence | None, Findings]:
    """Reads evidence and makes sure that it is what was once written.

    Refused is what cannot be read, does not keep to the schema, was changed after it was sealed, is
    dated after ``today`` (that of the clock, if None), or does not follow from its own text and
    numbers: the findings then say what differs. Raises nothing for any content.
    """
    try:
        content = load_evidence(path)
    except RefusedError as error:
        message = f"`{path}` is no evidence that can be read: {error.reason}"
        return _refused(Diagnostic("unreadable-evidence", message, NOWHERE, help=error.fix), path)
    sealed = content["seal"] == seal(content)
    compiled = _compiled(path, content)
    if sealed and compiled.circuit is None:
        return None, _beside(compiled.findings, path)
    try:
        found = _judged(path, content, compiled, today or date.today())
        told = [str(change) for change in _inconsistent(found)]
    except _ImpossibleError as error:
        told = [str(error)]
    if told or not sealed:
        return _refused(_edited(path, told, sealed=sealed), path)
    return found, compiled.findings


def _compiled(path: Path, content: Mapping[str, Any]) -> Compiled:
    """The text of the record, under a name that says where it stands: its lines are not those of
    the file."""
    name = f"the text in {path}"
    source, problems = read_text(content["text"].encode(), name)
    if source is None:
        return Compiled(None, None, Findings(Source("", name), problems))
    return compile_source(source, path.parent, date.fromisoformat(content["date"]))


def _judged(path: Path, content: Mapping[str, Any], compiled: Compiled, now: date) -> Evidence:
    """The evidence with its claims ready to be judged. Raises _ImpossibleError."""
    dated = date.fromisoformat(content["date"])
    if dated > now + _AHEAD:
        raise _ImpossibleError(f"date: recorded {dated}, and today is {now}")
    if compiled.circuit is None:
        raise _ImpossibleError(_first_error(compiled.findings))
    circuit = compiled.circuit
    if content["shape"] is not None:
        circuit = with_shape(circuit, ModelShape(**content["shape"]))
    if circuit.shape is not None and (strays := misfits(circuit, circuit.shape)):
        raise _ImpossibleError(f"shape: {strays[0].message}")
    circuit = adjusted(circuit, options_of(content["verification"]))
    try:
        replayed = replay(circuit, content)
    except NotRecordedError as missing:
        policy = circuit.policy
        raise _ImpossibleError(
            f"on {policy.examples} examples with seed {policy.seed} the text asks for a series "
            f"that was not recorded: {missing}"
        ) from missing
    except ShapeNeededError as needed:
        raise _ImpossibleError(f"shape: recorded null, and {needed}") from needed
    return Evidence(path, content, circuit, replayed, now)


def _inconsistent(evidence: Evidence) -> Iterator[Change]:
    """Where the record is not what its text and its numbers give."""

    def close(one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=_ROUNDING)

    yield from differences(evidence.verification, to_object(evidence.report), close)
    yield from misplaced(evidence.circuit, evidence.content, evidence.replay)


def _first_error(findings: Findings) -> str:
    source = findings.source
    first = next(one for one in findings.diagnostics if one.severity is Severity.ERROR)
    line, column = source.location(first.span.start)
    return f"text, line {line}, column {column}: {first.code}: {first.message}"


def _beside(findings: Findings, path: Path) -> Findings:
    """With a word on where files are looked for, at those that are not as they should be."""
    where = f"word lists and data are looked up beside the evidence, in `{path.parent}`"

    def placed(one: Diagnostic) -> Diagnostic:
        if one.code not in BESIDE:
            return one
        return replace(one, note=f"{one.note}; {where}" if one.note else where)

    return Findings(findings.source, tuple(map(placed, findings.diagnostics)))


def _edited(path: Path, told: Sequence[str], *, sealed: bool) -> Diagnostic:
    """``told`` says where the record is not what it should be, ``sealed`` whether its seal fits."""
    shown = list(told[:_MOST_SHOWN])
    if len(told) > _MOST_SHOWN:
        shown.append(f"and {len(told) - _MOST_SHOWN} more")
    if sealed:
        message = f"`{path}` is nothing that a verification writes, though its seal fits"
        help_ = "it was edited and sealed again, or recorded by a version that judges otherwise"
    else:
        message = f"`{path}` was changed after it was written: its seal does not fit"
        help_ = None
        if not shown:
            listed = ", ".join(f"`{name}`" for name in NOT_JUDGED)
            shown = [
                "the claims follow from text and numbers; what was changed says nothing about "
                f"them: one of {listed}, prose of the text, or the seal"
            ]
    return Diagnostic("edited-evidence", message, NOWHERE, note="; ".join(shown), help=help_)


def _refused(problem: Diagnostic, path: Path) -> tuple[None, Findings]:
    return None, Findings(Source("", str(path)), (problem,))

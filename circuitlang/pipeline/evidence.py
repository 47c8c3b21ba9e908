"""Evidence read back: a stranger's file, checked, and judged again from its own numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.expand import with_shape
from circuitlang.circuit.shape import ModelShape
from circuitlang.pipeline.compile import compile_source
from circuitlang.pipeline.dry_run import Options, adjusted
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.canonical import Canon
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Request
from circuitlang.report.changes import Change, differences
from circuitlang.report.evidence import SCHEMA, evidence_schema, seal
from circuitlang.report.json import SCHEMA as RECORD
from circuitlang.report.json import schema, to_object
from circuitlang.report.record import Report
from circuitlang.score.score import score
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import NOWHERE, Source

# No evidence of ours comes near: 10,000 examples of a hundred requests make 20 MB.
MOST_BYTES = 128 << 20

# What a second judgement of the same numbers may differ by: the order of a sum.
_ROUNDING = 1e-9
_MOST_SHOWN = 8


@dataclass(frozen=True)
class Evidence:
    """``circuit`` is that of the recorded text under the recorded policy, ``observations`` are the
    recorded numbers, by request."""

    path: Path
    content: Mapping[str, Any]
    circuit: Circuit
    observations: Observations

    @property
    def verification(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content["verification"]
        return found

    @property
    def today(self) -> date:
        return date.fromisoformat(self.content["date"])

    @property
    def options(self) -> Options:
        """How it was verified, as far as the text does not say."""
        return _options(self.verification)

    @property
    def report(self) -> Report:
        """What was verified, judged again from the recorded numbers. Pictures of prompts and the
        sensitivity matrix are not among what is recorded, and not in it."""
        recorded = self.verification
        return Report(
            path=recorded["spec"]["path"],
            circuit=self.circuit,
            verdicts=self.verdicts(),
            examples=recorded["data"]["n"],
            model_digest=recorded["model"]["digest"],
            data_digest=recorded["data"]["digest"],
            device=recorded["device"],
            executor=recorded["executor"],
            versions=recorded["versions"],
            preflight=tuple(recorded["preflight"]),
            seconds=recorded["seconds"],
            observations=self.observations,
        )

    def verdicts(self, observations: Observations | None = None) -> tuple[Verdict, ...]:
        """The claims judged on ``observations``, or on the recorded numbers."""
        return score(
            self.circuit, self.observations if observations is None else observations, self.today
        )


def read_evidence(path: Path) -> tuple[Evidence | None, Findings]:
    """Reads evidence and makes sure that it is what was once written.

    Refused is what cannot be read, does not keep to the schema, was changed after it was sealed, or
    does not follow from its own numbers: the findings then say what differs.
    """
    nothing = Source("", str(path))

    def refused(code: str, message: str, note: str | None = None) -> tuple[None, Findings]:
        return None, Findings(nothing, (Diagnostic(code, message, NOWHERE, note=note),))

    try:
        content = _load(path)
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        return refused("unreadable-evidence", f"`{path}` is no evidence that can be read: {reason}")
    compiled = compile_source(
        Source(content["text"], str(path)), path.parent, date.fromisoformat(content["date"])
    )
    if compiled.circuit is None:
        return None, compiled.findings
    verification, circuit = content["verification"], compiled.circuit
    if content["shape"] is not None:
        circuit = with_shape(circuit, ModelShape(**content["shape"]))
    circuit = adjusted(circuit, _options(verification))
    try:
        observations = observe(circuit, None, _recorded(content))
    except KeyError as missing:
        return refused(
            "edited-evidence",
            f"`{path}` was changed after it was written: its claims need numbers that it lacks",
            note=f"on {circuit.policy.examples} examples with seed {circuit.policy.seed} its text "
            f"asks for a series that was not recorded: {missing.args[0]}",
        )
    found = Evidence(path, content, circuit, observations)
    changes = tuple(_inconsistent(found))
    if changes or content["seal"] != seal(content):
        shown = [str(change) for change in changes[:_MOST_SHOWN]]
        if len(changes) > _MOST_SHOWN:
            shown.append(f"and {len(changes) - _MOST_SHOWN} more")
        where = "; ".join(shown) or "the claims follow from the numbers: another field was changed"
        return refused("edited-evidence", f"`{path}` was changed after it was written", note=where)
    return found, Findings(compiled.findings.source, compiled.findings.diagnostics)


def _options(verification: Mapping[str, Any]) -> Options:
    return Options(examples=verification["policy"]["examples"], seed=verification["seed"])


def _load(path: Path) -> dict[str, Any]:
    """Raises OSError, ValueError or RecursionError, with a reason to show."""
    import jsonschema

    def refuse(name: str) -> float:
        raise ValueError(f"{name} is no JSON number")

    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    content = json.loads(path.read_bytes(), parse_constant=refuse)
    _same_version(content)
    for value, wanted, place in (
        (content, evidence_schema(), "$"),
        (
            content.get("verification") if isinstance(content, dict) else None,
            schema(),
            "$.verification",
        ),
    ):
        error = jsonschema.exceptions.best_match(
            jsonschema.Draft202012Validator(wanted).iter_errors(value)
        )
        if error is not None:
            inner = error.json_path.removeprefix("$")
            raise ValueError(f"at {place}{inner}, {error.message[:200]}")
    date.fromisoformat(content["date"])
    for one in content["series"]:
        if one["clusters"] >= len(content["clusters"]):
            raise ValueError(f"series of {one['request'][:80]} has no list of templates")
        if len(content["clusters"][one["clusters"]]) != len(one["values"]):
            raise ValueError(
                f"series of {one['request'][:80]} has another length than its templates"
            )
    loaded: dict[str, Any] = content
    return loaded


def _same_version(content: Any) -> None:
    """Raises ValueError where the file says that it keeps to another version than this program."""
    whole = content if isinstance(content, dict) else {}
    inner = whole.get("verification")
    for one, wanted in ((whole, SCHEMA), (inner if isinstance(inner, dict) else {}, RECORD)):
        said = one.get("schema", wanted)
        if said != wanted:
            raise ValueError(
                f"it keeps to {json.dumps(said)[:80]}, this program to {wanted}; "
                "record it anew with `circuitlang verify --record`"
            )


def _recorded(content: Mapping[str, Any]) -> Callable[[tuple[Request, ...]], Observations]:
    """Answers requests from the recorded series. KeyError with the text of one that is missing."""
    canon = Canon()
    clusters = [tuple(names) for names in content["clusters"]]
    series = {
        one["request"]: Observation(
            tuple(math.nan if value is None else float(value) for value in one["values"]),
            clusters[one["clusters"]],
        )
        for one in content["series"]
    }
    return lambda requests: {request: series[canon.text(request)] for request in requests}


def _inconsistent(evidence: Evidence) -> Iterator[Change]:
    """Where the record is not what its text and its numbers give."""

    def close(one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=_ROUNDING)

    yield from differences(evidence.verification, to_object(evidence.report), close)

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL
from circuitlang.report.evidence import evidence_path, evidence_schema, seal
from circuitlang.report.json import schema
from circuitlang.syntax.diagnostic import Diagnostic
from tests.pipeline.evidences import TODAY, answers, edit, recorded, verified


def refusal(path: Path) -> Diagnostic:
    found, findings = read_evidence(path)
    assert found is None
    (problem,) = findings.diagnostics
    return problem


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    report = verified(tmp_path)
    found, findings = read_evidence(recorded(tmp_path, report))
    assert found is not None, findings
    assert found.observations == report.observations
    assert found.verdicts() == tuple(replace(v, seconds=0.0) for v in report.verdicts)
    assert found.circuit.digest == report.circuit.digest
    assert (found.today, found.options.examples, found.options.seed) == (TODAY, 40, 3)


def test_it_keeps_to_both_schemas(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(evidence_schema())
    content = json.loads(recorded(tmp_path).read_text())
    jsonschema.validate(content, evidence_schema())
    jsonschema.validate(content["verification"], schema())
    assert content["seal"] == seal(content)


def test_each_series_is_a_line(tmp_path: Path) -> None:
    lines = recorded(tmp_path).read_text().splitlines()
    series = [line for line in lines if '"request":' in line]
    assert len(series) == len(verified(tmp_path).observations)
    assert all(len(json.loads(line.rstrip(","))["values"]) in (20, 40) for line in series)


def test_numbers_that_are_not_finite_are_null(tmp_path: Path) -> None:
    def broken(requests: tuple[Request, ...]) -> Observations:
        found = dict(answers(requests))
        for request, one in found.items():
            if request != Evaluation(MODEL) and getattr(request, "half", None) is None:
                found[request] = Observation((math.nan, *one.values[1:]), one.clusters)
        return found

    report = verified(tmp_path, measure=broken)
    assert "error" in {v.outcome for v in report.verdicts}
    found, findings = read_evidence(recorded(tmp_path, report))
    assert found is not None, findings
    assert [v.reasons for v in found.verdicts()] == [v.reasons for v in report.verdicts]


def claim(name: str, content: dict[str, Any]) -> dict[str, Any]:
    (found,) = (c for c in content["verification"]["claims"] if c["name"] == name)
    assert isinstance(found, dict)
    return found


def raise_threshold(content: dict[str, Any]) -> None:
    content["text"] = content["text"].replace(">= 50%", ">= 99%")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: claim("faithful", c).update(estimate=0.99), "claims[faithful].estimate"),
        (lambda c: claim("greedy", c).update(verdict="vacuous"), "claims[greedy].verdict"),
        (lambda c: c["verification"].update(exit_code=4), "exit_code"),
        (lambda c: c["verification"].update(verdict="error"), "verdict"),
        (raise_threshold, "spec.digest"),
        (lambda c: c["verification"]["policy"].update(ablation="zero"), "policy.ablation"),
        (lambda c: c["series"][0]["values"].__setitem__(0, 99.0), "claims[faithful]"),
    ],
    ids=["estimate", "verdict", "exit code", "outcome", "text", "policy", "number"],
)
@pytest.mark.parametrize("sealed", [False, True], ids=["as it was", "sealed again"])
def test_an_edit_is_refused_with_what_differs(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str, sealed: bool
) -> None:
    def edited(content: dict[str, Any]) -> None:
        change(content)
        if sealed:
            content["seal"] = seal(content)

    problem = refusal(edit(recorded(tmp_path), edited))
    assert problem.code == "edited-evidence"
    assert told in (problem.note or "")


def test_what_does_not_follow_from_numbers_is_under_the_seal(tmp_path: Path) -> None:
    path = edit(recorded(tmp_path), lambda c: c["verification"]["model"].update(digest="ff" * 32))
    assert "another field was changed" in (refusal(path).note or "")


def test_a_series_that_is_missing_is_named(tmp_path: Path) -> None:
    problem = refusal(edit(recorded(tmp_path), lambda c: c["series"].pop(0)))
    assert problem.code == "edited-evidence"
    assert "Evaluation(" in (problem.note or "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expecting value"),
        ("[]", "not of type 'object'"),
        ('{"schema": NaN}', "NaN is no JSON number"),
        ("[" * 100_000, "recursion"),
        ('{"schema": "circuitlang/evidence-1"}', "required property"),
        ("\udcff", "utf-8"),
    ],
    ids=["empty", "a list", "NaN", "deep", "bare", "no text"],
)
def test_what_is_no_evidence_is_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.evidence.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    problem = refusal(path)
    assert problem.code == "unreadable-evidence"
    assert told in problem.message


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c["series"][0].update(clusters=7),
        lambda c: c["series"][0]["values"].pop(),
        lambda c: c.update(extra=1),
        lambda c: c.update(date="2026-02-31"),
        lambda c: c["verification"].update(seed=-1),
        lambda c: c["verification"]["claims"][0].pop("formula"),
    ],
    ids=["no templates", "short", "unknown field", "no day", "seed", "claim"],
)
def test_a_record_of_another_form_is_refused(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    assert refusal(edit(recorded(tmp_path), spoil)).code == "unreadable-evidence"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.json").message


def test_evidence_lies_beside_its_spec() -> None:
    assert evidence_path(Path("specs/ioi.circuit")) == Path("specs/ioi.evidence.json")

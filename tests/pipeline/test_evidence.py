from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.plan.canonical import Canon
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL
from circuitlang.report.evidence import evidence_path, evidence_schema, seal
from circuitlang.report.json import schema
from tests.pipeline.evidences import (
    TODAY,
    Content,
    Edit,
    answers,
    edit,
    recorded,
    refusal,
    verified,
)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    report = verified(tmp_path)
    found, findings = read_evidence(recorded(tmp_path, report), TODAY)
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
    found, findings = read_evidence(recorded(tmp_path, report), TODAY)
    assert found is not None, findings
    assert [v.reasons for v in found.verdicts()] == [v.reasons for v in report.verdicts]


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_search_among_infinite_numbers_is_replayed(tmp_path: Path, number: float) -> None:
    def broken(requests: tuple[Request, ...]) -> Observations:
        found = dict(answers(requests))
        canon = Canon()
        for request, one in found.items():
            lot = random.Random(f"{canon.text(request)}4").random()
            if getattr(request, "half", None) == "search" and lot < 0.3:
                found[request] = Observation((number, *one.values[1:]), one.clusters)
        return found

    found, findings = read_evidence(recorded(tmp_path, verified(tmp_path, measure=broken)), TODAY)
    assert found is not None, findings


def claim(name: str, content: Content) -> dict[str, Any]:
    (found,) = (c for c in content["verification"]["claims"] if c["name"] == name)
    assert isinstance(found, dict)
    return found


def raise_threshold(content: Content) -> None:
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
    tmp_path: Path, change: Edit, told: str, sealed: bool
) -> None:
    problem = refusal(edit(recorded(tmp_path), change, sealed=sealed))
    assert problem.code == "edited-evidence"
    assert told in (problem.note or "")
    assert ("sealed again" in (problem.help or "")) == sealed
    assert ("its seal does not fit" in problem.message) != sealed


def test_what_does_not_follow_from_numbers_is_under_the_seal(tmp_path: Path) -> None:
    path = edit(recorded(tmp_path), lambda c: c["verification"]["model"].update(digest="ff" * 32))
    problem = refusal(path)
    assert "its seal does not fit" in problem.message
    for name in ("`model.digest`", "`versions`", "`date`", "prose of the text"):
        assert name in (problem.note or "")


def test_a_series_that_is_missing_is_named(tmp_path: Path) -> None:
    problem = refusal(edit(recorded(tmp_path), lambda c: c["series"].pop(0)))
    assert problem.code == "edited-evidence"
    assert "Evaluation(" in (problem.note or "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["reads"].clear(), "reads.faithful"),
        (
            lambda c: c["reads"]["faithful"].update(M=1, C=0),
            "reads.faithful.M: recorded 1, found 0",
        ),
        (lambda c: c["reads"]["greedy"].pop("search 1"), "reads.greedy.search 1"),
        (lambda c: c["reads"].update(nobody={}), "reads.nobody"),
        (
            lambda c: c["series"].append({**c["series"][0], "request": "Evaluation(invented)"}),
            "Evaluation(invented)",
        ),
        (lambda c: c["clusters"].__setitem__(0, ["q"] * 40), 'clusters: recorded "q"'),
        (lambda c: c["clusters"][1].__setitem__(2, "q"), 'example 2: recorded "q", found "p"'),
        (lambda c: c["verification"]["data"].update(n=41), "data.n: recorded 41, found 40"),
        (lambda c: c["verification"]["policy"].update(examples=41), "clusters"),
        (lambda c: c["shape"].update(n_layers=9), "shape: `a9.h6`: the model has no layer 9"),
    ],
)
def test_what_leads_to_the_numbers_follows_from_the_text(
    tmp_path: Path, change: Edit, told: str
) -> None:
    problem = refusal(edit(recorded(tmp_path), change, sealed=True))
    assert problem.code == "edited-evidence"
    assert told in (problem.note or "")


def test_evidence_lies_beside_its_spec() -> None:
    assert evidence_path(Path("specs/ioi.circuit")) == Path("specs/ioi.evidence.json")

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from circuitlang.report import render
from circuitlang.report.json import schema
from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict
from tests.plan.circuits import CALLS
from tests.report.reports import observations, report, vacuous, with_matrix

VALIDATOR = jsonschema.Draft202012Validator(schema())


def record(of: Report) -> dict[str, Any]:
    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    found: dict[str, Any] = json.loads(render(of, "json"), parse_constant=refuse)
    return found


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


UNMEASURED = tuple(
    Verdict(replace(call, name=f"c{i}"), "error", "error", "f", reasons=("not measured: M",))
    for i, call in enumerate(CALLS)
)


@pytest.mark.parametrize(
    "of",
    [
        report(),
        report(observations(broken="M")),
        report({}),
        replace(report(), verdicts=(), model_digest=None, data_digest=None),
        replace(report(), verdicts=UNMEASURED),
        vacuous(),
        with_matrix(),
        replace(report(), sensitivity=()),
    ],
    ids=[
        *("measured", "not finite", "unmeasured", "no claims", "every measure", "vacuous"),
        *("matrix", "empty matrix"),
    ],
)
def test_records_keep_to_the_schema(of: Report) -> None:
    VALIDATOR.validate(record(of))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.pop("seed"),
        lambda r: r.update(extra=1),
        lambda r: r["claims"][0].update(verdict="perhaps"),
        lambda r: r["claims"][0].update(interval=[0.1]),
        lambda r: r["claims"][0].update(estimate=None),
        lambda r: r["claims"][5].update(waiver=None),
    ],
)
def test_the_schema_refuses_what_is_wrong(spoil: Any) -> None:
    spoiled = deepcopy(record(report()))
    spoil(spoiled)
    assert not VALIDATOR.is_valid(spoiled)


def test_a_claim_carries_its_definition_and_its_numbers() -> None:
    found = record(report())["claims"][1]
    low, high = found["interval"]
    assert low <= found["estimate"] <= high
    assert found["estimate"] == pytest.approx(0.9)
    assert found["formula"] == "F(C) / F(M)"
    assert found["arguments"] == {"as": "ratio"}
    assert found["claimed"]["threshold"] == 0.95
    assert found["inputs"]["F(M)"]["value"] == pytest.approx(4.0)
    assert found["verdict"] == "fail"


def test_a_vacuous_claim_carries_the_random_circuits() -> None:
    found = record(vacuous())
    assert (found["verdict"], found["exit_code"]) == ("vacuous", 3)
    (one,) = [cover for cover in found["claims"][0]["covers"] if cover["name"] == "random"]
    assert (one["met"], one["values"], one["passing"]) == (False, [pytest.approx(0.975)], 1)


def test_a_number_that_is_not_finite_is_null_with_a_reason() -> None:
    found = record(report(observations(broken="M")))["claims"][1]
    assert (found["estimate"], found["interval"], found["verdict"]) == (None, None, "error")
    assert "not a finite number" in found["reasons"][0]


def test_the_record_says_what_the_exit_code_says() -> None:
    found = record(report())
    assert (found["verdict"], found["exit_code"]) == ("fail", 1)
    assert (found["spec"]["digest"], found["data"]["n"]) == ("d1", 20)


def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="yaml"):
        render(report(), "yaml")

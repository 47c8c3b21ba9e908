"""JUnit XML, read back by junitparser, which is nobody's of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from circuitlang.report import render_all
from circuitlang.report.blocked import Blocked, skipped_without_model
from circuitlang.report.record import Report
from tests.report.reports import invalid, nasty, observations, report, vacuous, without_model


def suites(*results: Report | Blocked) -> list[TestSuite]:
    return list(JUnitXml.fromstring(render_all(results, "junit").encode()))


def cases(*results: Report | Blocked) -> dict[str, TestCase]:
    return {case.name: case for suite in suites(*results) for case in suite}


def ends(case: TestCase) -> list[tuple[type, str]]:
    return [(type(result), result.type) for result in case.result]


def told_by(case: TestCase) -> dict[str, str]:
    return {one.get("name"): one.get("value") for one in case._elem.iter("property")}


def test_a_claim_is_a_test_case() -> None:
    (suite,) = suites(report())
    assert (suite.name, suite.tests, suite.time) == ("specs/tiny.circuit", 6, 75.2)
    assert (suite.failures, suite.errors, suite.skipped) == (2, 0, 1)
    case = cases(report())["faithful"]
    assert (case.classname, case.time) == ("specs/tiny.circuit", 0.5)
    assert case._elem.get("line") == "4"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("behaves", []),
        ("faithful", [(Failure, "fail")]),
        ("near", [(Failure, "inconclusive")]),
        ("strong", [(Skipped, "waived")]),
        ("minimal", []),
    ],
)
def test_what_a_claim_came_to(claim: str, expected: list[tuple[type, str]]) -> None:
    assert ends(cases(report())[claim]) == expected


def test_a_claim_that_says_nothing_is_red() -> None:
    assert ends(cases(vacuous())["faithful"]) == [(Failure, "vacuous")]


def test_a_claim_that_could_not_be_measured_is_an_error() -> None:
    assert ends(cases(report(observations(broken="M")))["faithful"]) == [(Error, "error")]


def test_red_is_what_sets_the_exit_code() -> None:
    for one in (
        report(),
        vacuous(),
        report(observations(broken="M")),
        replace(report(), verdicts=()),
    ):
        (suite,) = suites(one)
        assert bool(suite.failures or suite.errors) == (one.exit_code != 0)


def test_a_failure_shows_the_claims_own_line() -> None:
    (failure,) = cases(report())["faithful"].result
    assert failure.message == "`faithful` is 90.0%, claimed >= 95%"
    assert "4 |   claim faithful: faithfulness(as=ratio) >= 95%" in failure.text
    assert "formula: F(C) / F(M), with F(M) = 4.000" in failure.text


def test_a_claim_under_else_warn_passes_and_says_what_was_found() -> None:
    assert "warning[claim]: `minimal` is 0.0%" in cases(report())["minimal"].system_out


def test_the_evidence_is_in_properties() -> None:
    (suite,) = suites(report())
    told = told_by(cases(report())["faithful"])
    assert float(told["estimate"]) == pytest.approx(0.9)
    low, high = map(float, told["interval"].strip("[]").split(","))
    assert low < 0.9 < high
    assert (told["n"], told["claimed"], told["verdict"]) == ("20", ">= 95%", "fail")
    (digest,) = suite._elem.findall("properties/property[@name='model.digest']")
    assert digest.get("value") == "ab12"


def test_several_specs_are_one_document() -> None:
    text = render_all([report(), invalid(), skipped_without_model(without_model())], "junit")
    whole = JUnitXml.fromstring(text.encode())
    assert [suite.name for suite in whole] == [
        "specs/tiny.circuit",
        "specs/bad.circuit",
        "specs/far.circuit",
    ]
    assert (whole.tests, whole.failures, whole.errors, whole.skipped) == (8, 2, 1, 2)


def test_a_blocked_spec_is_an_error_with_its_diagnostics() -> None:
    (case,) = cases(invalid()).values()
    (error,) = case.result
    assert (type(error), error.type) == (Error, "invalid")
    assert error.message == "there is no measure `c` (and 1 more)"
    assert "error[missing-model]" in error.text
    assert "3 |   claim b: c >= 1" in error.text


def test_no_claims_is_red() -> None:
    (case,) = cases(replace(report(), verdicts=())).values()
    assert ends(case) == [(Failure, "inconclusive")]


def test_what_xml_cannot_hold_is_made_visible() -> None:
    (suite,) = suites(nasty())
    assert suite.name.startswith(
        "a|b`c`\n::error::<b>&amp; @all [x](y) http://a.b www.c.d ]]> ␀␛[31m␍���"
    )
    (waived,) = cases(nasty())["strong"].result
    assert waived.message.endswith("\U0001f600 %0A,:")

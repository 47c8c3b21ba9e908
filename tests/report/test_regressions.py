"""What fell since evidence was recorded, in every format: red is what sets the exit code."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from junitparser import Failure

from circuitlang.report import FORMATS, render
from circuitlang.report.json import schema, to_object
from circuitlang.report.record import Report
from circuitlang.report.regressions import Regressions
from circuitlang.score.regression import Regression
from circuitlang.score.verdict import Interval, Measured
from tests.report.reports import CLAIMS, report
from tests.report.test_junit import cases, ends, told_by

BEHAVES, FAITHFUL, COMPLETE, MINIMAL, NEAR, STRONG = CLAIMS


def moved(by: float) -> Measured:
    return Measured(by, Interval(by - 0.02, by + 0.02))


REGRESSIONS = Regressions(
    "ioi.evidence.json",
    (
        Regression(BEHAVES, "worse", 1.0, 0.9, moved(-0.1), 0.001, 0.004),
        Regression(FAITHFUL, "held", 0.9, 0.9, moved(0.0), 0.5, 1.0),
        Regression(MINIMAL, "worse", 0.3, 0.1, moved(-0.2), 0.001, 0.004, counts=False),
        Regression(NEAR, "same", 3.6, 3.6, Measured(0.0, Interval(0.0, 0.0))),
        Regression(STRONG, "not compared", reason="its value is no mean over examples"),
    ),
    new=("complete",),
    gone=("old_claim",),
    most=0.05,
)
NOTHING_FELL = replace(REGRESSIONS, regressions=REGRESSIONS.regressions[1:])


def compared(since: Regressions = REGRESSIONS) -> Report:
    """Claims of which all that count pass, but for what fell."""
    found = report()
    return replace(
        found,
        verdicts=tuple(
            replace(verdict, outcome="pass", judged="pass") for verdict in found.verdicts
        ),
        against=since,
    )


def test_a_claim_that_passes_and_fell_fails_the_file() -> None:
    assert (compared().outcome, compared().exit_code) == ("fail", 1)
    assert (compared(NOTHING_FELL).outcome, compared(NOTHING_FELL).exit_code) == ("pass", 0)


def test_text_has_a_line_a_claim() -> None:
    text = render(compared(), "text")
    assert "against ioi.evidence.json: paired differences now − then; a fall of 0.05 (5%)" in text
    assert (
        "  worse         behaves   100.0% → 90.0%  -10.0% [-12.0, -8.0]   Holm p = 0.004\n" in text
    )
    assert "Holm p = 0.004  does not count\n" in text
    assert "not in the evidence: complete\n  only in the evidence: old_claim\n" in text
    assert "fail: 6 pass, 1 fallen since the evidence" in text


def test_json_keeps_to_its_schema() -> None:
    record = to_object(compared())
    jsonschema.Draft202012Validator(schema()).validate(record)
    assert [(one["name"], one["finding"]) for one in record["against"]["claims"]][:2] == [
        ("behaves", "worse"),
        ("faithful", "held"),
    ]
    assert record["against"]["claims"][0]["interval"] == pytest.approx([-0.12, -0.08])
    assert record["exit_code"] == 1


def test_junit_has_a_failure_of_its_own_type() -> None:
    found = cases(compared())
    assert {name: ends(case) for name, case in found.items() if ends(case)} == {
        "behaves": [(Failure, "worse")]
    }
    assert "`behaves` fell, 100.0% → 90.0%" in found["behaves"].result[0].message
    assert told_by(found["behaves"])["verdict"] == "pass"


def test_sarif_and_github_point_at_the_claim() -> None:
    (run,) = json.loads(render(compared(), "sarif"))["runs"]
    (alert,) = run["results"]
    assert (alert["ruleId"], alert["level"]) == ("claim/accuracy", "error")
    assert alert["message"]["text"].startswith("`behaves` fell, 100.0% → 90.0%, by -10.0%")
    assert alert["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    errors = [line for line in render(compared(), "github").splitlines() if "::error" in line]
    assert len(errors) == 1
    assert "line=3" in errors[0]
    assert "title=worse%3A behaves::`behaves` fell" in errors[0]


def test_markdown_has_a_table() -> None:
    text = render(compared(), "markdown")
    assert "| **worse** | <code>behaves</code> | <code>100.0% → 90.0%</code> |" in text
    assert "| held | <code>faithful</code> |" in text


def test_the_page_has_a_row_a_claim() -> None:
    page = render(compared(), "html")
    assert page.count('<span class="badge worse">') == 2
    assert "not in the evidence: complete" in page
    assert "behaves: -10.0% [-12.0, -8.0] now less then" in page


@pytest.mark.parametrize("form", FORMATS)
def test_without_evidence_nothing_is_said_of_it(form: str) -> None:
    text = render(report(), form)
    assert "fell" not in text
    assert "evidence.json" not in text

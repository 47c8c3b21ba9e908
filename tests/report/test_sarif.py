"""SARIF, held against the published schema of the OASIS standard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.pages import find_page
from circuitlang.report import render_all
from circuitlang.report.blocked import Blocked, skipped_without_model
from circuitlang.report.record import Report
from circuitlang.report.sarif import render_findings
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import Source, Span
from tests.report.reports import (
    SOURCE,
    invalid,
    nasty,
    observations,
    report,
    vacuous,
    without_model,
)

SCHEMA = json.loads((Path(__file__).parents[1] / "data/sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def run(*results: Report | Blocked) -> dict[str, Any]:
    return one_run(render_all(results, "sarif"))


def one_run(text: str) -> dict[str, Any]:
    document = json.loads(text)
    VALIDATOR.validate(document)
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


def of_claims(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {result["properties"]["claim"]: result for result in found["results"]}


def region(result: dict[str, Any]) -> Sequence[int]:
    found = result["locations"][0]["physicalLocation"]["region"]
    return [found[key] for key in ("startLine", "startColumn", "endLine", "endColumn")]


@pytest.mark.parametrize(
    "results",
    [
        [report(), vacuous()],
        [report(observations(broken="M")), invalid(), without_model()],
        [skipped_without_model(without_model())],
        [replace(report(), verdicts=())],
        [nasty()],
    ],
    ids=["measured", "blocked", "skipped", "no claims", "nasty"],
)
def test_documents_keep_to_the_schema(results: Sequence[Report | Blocked]) -> None:
    assert run(*results)["tool"]["driver"]["name"] == "circuitlang"


def test_the_schema_refuses_what_is_wrong() -> None:
    spoiled = json.loads(render_all([report()], "sarif"))
    spoiled["runs"][0]["results"][0]["level"] = "red"
    assert not VALIDATOR.is_valid(spoiled)


def test_what_passes_is_no_result() -> None:
    levels = {name: one["level"] for name, one in of_claims(run(report())).items()}
    assert levels == {"faithful": "error", "minimal": "warning", "near": "error", "strong": "note"}


def test_a_result_points_at_the_claims_name() -> None:
    line, column, end_line, end_column = region(of_claims(run(report()))["faithful"])
    assert (line, end_line) == (4, 4)
    assert SOURCE.splitlines()[3][column - 1 : end_column - 1] == "faithful"


def test_a_result_says_what_was_found() -> None:
    found = of_claims(run(report()))["near"]
    assert found["message"]["text"].startswith("`near` is 3.600, too uncertain to say")
    assert "about 240 examples would decide it" in found["message"]["text"]
    assert found["properties"]["verdict"] == "inconclusive"


def test_a_rule_explains_the_measure_or_the_diagnostic() -> None:
    found = run(report(), invalid())
    rules = {rule["id"]: rule["help"]["text"] for rule in found["tool"]["driver"]["rules"]}
    assert rules["unknown-measure"] == find_page("unknown-measure")
    assert rules["claim/faithfulness"].startswith("How much of the model's behaviour is left")
    for result in found["results"]:
        rule = found["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]


def test_a_waiver_is_a_suppression_in_the_source() -> None:
    (suppression,) = of_claims(run(report()))["strong"]["suppressions"]
    assert suppression["kind"] == "inSource"
    assert suppression["justification"] == "the mover is known to be weak (until 2027-01-31)"


def prints(found: dict[str, Any]) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in found["results"]]


def test_a_fingerprint_outlives_an_edit_and_tells_claims_apart() -> None:
    before = prints(run(report()))
    circuit = report().circuit
    moved = replace(
        report(), circuit=replace(circuit, source=Source(f"# a comment\n{SOURCE}", "x"))
    )
    assert prints(run(moved)) == before
    assert len(set(before)) == len(before)


def test_two_findings_alike_have_two_fingerprints() -> None:
    source = Source("head head", "specs/x.circuit")
    twice = [Diagnostic("bad-name", "a name", Span(at, at + 4)) for at in (0, 5)]
    found = one_run(render_findings([Findings(source, tuple(twice))]))
    assert len(set(prints(found))) == 2
    assert [region(one)[1] for one in found["results"]] == [1, 6]


def test_a_file_that_cannot_be_read_still_has_a_place() -> None:
    missing = Diagnostic("unreadable-file", "there is no file `x`", Span(0, 0))
    found = one_run(render_findings([Findings(Source("", "x"), (missing,))]))
    physical = found["results"][0]["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "x", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("specs/a b%.circuit", "specs/a%20b%25.circuit"),
        ("./specs/../specs/é.circuit", "specs/%C3%A9.circuit"),
        ("{cwd}/x.circuit", "x.circuit"),
        ("/elsewhere/x.circuit", "file:///elsewhere/x.circuit"),
    ],
)
def test_paths_are_relative_to_the_repository(path: str, uri: str) -> None:
    found = run(replace(report(), path=path.format(cwd=Path.cwd())))
    artifact = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not uri.startswith("file:"))


def test_what_was_skipped_is_a_notification() -> None:
    (invocation,) = run(report(), skipped_without_model(without_model()))["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert "specs/far.circuit: checked, not verified" in told["message"]["text"]
    assert invocation["executionSuccessful"]
    (invocation,) = run(without_model())["invocations"]
    assert not invocation["executionSuccessful"]

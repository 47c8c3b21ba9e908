from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from circuitlang.report import render
from circuitlang.report.json import schema
from circuitlang.report.looks import claim_looks_json, looks_json, looks_lines
from circuitlang.report.record import Report
from circuitlang.score.sequential import declare_looks
from tests.report.reports import TINY, report

LOOKS = declare_looks(20, 80, 0.95)


def in_looks() -> Report:
    """The first claim decided at the first look, the second judged at none, the rest at two."""
    plain = report()
    verdicts = tuple(
        verdict
        if i == 1
        else replace(
            verdict, look=LOOKS[0 if i == 0 else 1], chances=(0.001,) * (1 if i == 0 else 2)
        )
        for i, verdict in enumerate(plain.verdicts)
    )
    return replace(
        plain, examples=80, verdicts=verdicts, looks=LOOKS, fixed={"faithful": "its reason"}
    )


def test_a_line_for_each_look_and_for_each_claim_that_has_none() -> None:
    assert list(looks_lines(in_looks())) == [
        "  looks, declared beforehand, with 0.025 a side to spend over all of them:",
        "    1 of 3: n = 20, 99.9985%: 5 claims judged, 1 decided: behaves",
        "    2 of 3: n = 40, 99.7%: 4 claims judged, 3 decided: complete, minimal, strong",
        "    3 of 3: n = 80, 95.1%: not needed",
        f"    faithful: judged once, at {TINY.policy.examples}: its reason",
    ]


def test_without_looks_nothing_is_said() -> None:
    assert list(looks_lines(report())) == []
    assert looks_json(report()) is None
    assert {claim_looks_json(v, {}) is None for v in report().verdicts} == {True}


def test_the_record_keeps_to_its_schema() -> None:
    found = looks_json(in_looks())
    validator = jsonschema.Draft202012Validator(schema()["properties"]["looks"])
    validator.validate(found)
    validator.validate(None)
    of_claim = jsonschema.Draft202012Validator(schema()["$defs"]["claim"]["properties"]["looks"])
    one = in_looks()
    told = [claim_looks_json(verdict, one.fixed) for verdict in one.verdicts]
    for each in told:
        of_claim.validate(each)
    assert told[0] == {"last": 1, "p": [0.001], "fixed": None}
    assert told[1] == {"last": None, "p": [], "fixed": "its reason"}


@pytest.mark.parametrize("form", ["text", "junit", "sarif", "github", "markdown"])
def test_every_format_says_at_which_look_a_claim_was_judged(form: str) -> None:
    shown = replace(in_looks(), verdicts=in_looks().verdicts[-1:])
    assert "look: 2 of 3, at 40 examples; p at each: 0.001, 0.001" in render(shown, form)

"""P-values in the report and in the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import jsonschema
import pytest

from circuitlang.circuit.circuit import Comparator
from circuitlang.report import render
from circuitlang.report.json import schema, to_object
from circuitlang.report.record import Report
from circuitlang.report.tested import chance, part_chance
from circuitlang.score.score import score
from circuitlang.score.verdict import Interval, Measured, Part
from tests.plan.circuits import circuit, claim, observe
from tests.report.reports import SOURCE, report

NOT_REJECTED = "not rejected, which is no evidence for it: on 40 to 60% of prompts"


def verified(wins: int, comparator: Comparator) -> Report:
    """The equivalence test, with the circuit ahead on so many of a hundred prompts."""
    asked = claim(
        "equivalence()", comparator, 0.05, percent=True, span=report().circuit.claims[0].span
    )
    spec = circuit(asked, source=SOURCE)
    model = [4.0 + 0.01 * i for i in range(100)]
    kept = [m + (1 if i < wins else -1) for i, m in enumerate(model)]
    found = score(spec, observe(spec, {"C": kept, "M": model}), date(2026, 12, 1))
    return replace(report(), circuit=spec, verdicts=found)


@pytest.mark.parametrize(
    ("wins", "comparator", "row", "line"),
    [
        (50, ">=", "pass  equivalence  p = 1, not rejected", NOT_REJECTED),
        (24, ">=", "fail  equivalence  p = 0.00056, rejected", "rejected: on 40 to 60%"),
        (24, "<=", "pass  equivalence  p = 0.00056, rejected", "rejected: on 40 to 60%"),
        (3, "<=", "pass  equivalence  p < 0.0001, rejected", "rejected: on 40 to 60%"),
    ],
)
def test_a_p_value_is_printed_with_what_it_says(
    wins: int, comparator: Comparator, row: str, line: str
) -> None:
    text = render(verified(wins, comparator))
    assert row in text
    assert f"  test of equivalence: {line}" in text
    assert "interval:" not in text


def test_only_a_rejection_is_in_the_family() -> None:
    assert "Holm over 1 claim" in render(verified(24, "<="))
    assert "Holm" not in render(verified(50, ">="))


def test_a_rejected_claim_shows_its_test() -> None:
    text = render(verified(24, ">="))
    assert "`equivalence` has p = 0.00056, claimed >= 5%" in text
    assert "= test: exact binomial test, C ahead on 24 of 100 prompts; 0 ties left out" in text
    assert "p = 0.00056, rejected, n = 100" in text


def test_the_record_has_the_test_and_no_interval() -> None:
    record = to_object(verified(24, "<="))
    jsonschema.Draft202012Validator(schema()).validate(record)
    (found,) = record["claims"]
    assert found["interval"] is None
    assert found["estimate"] == found["p"] == pytest.approx(5.6e-4, rel=0.01)
    assert found["test"]["rejected"]
    assert 0 < found["test"]["least_p"] < 1e-6


def test_a_part_has_its_p_and_what_holm_makes_of_it() -> None:
    part = Part("a0.h0", Measured(0.1, Interval(0.0, 0.2)), p=0.02, adjusted=0.06)
    assert part_chance(part) == "p = 0.02 (0.06)"
    assert part_chance(replace(part, adjusted=0.02)) == "p = 0.02"
    assert part_chance(replace(part, p=None)) == ""
    assert chance(0.5) == "p = 0.5"

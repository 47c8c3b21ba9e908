from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from circuitlang.circuit.circuit import Claim
from circuitlang.report import render
from circuitlang.report.table import PARTS_SHOWN, parts_table
from circuitlang.score.verdict import Interval, Measured, Part, Verdict
from tests.plan.circuits import circuit, claim
from tests.report.reports import TINY, observations, report

GOLDEN = Path(__file__).parent / "golden" / "tiny.txt"


def test_a_report_reads_like_this() -> None:
    assert render(report()) == GOLDEN.read_text("utf-8")


def test_colour_adds_nothing_but_colour() -> None:
    painted = render(report(), color=True)
    assert "\x1b[1;31mfail\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(report())


def test_what_could_not_be_measured_says_why() -> None:
    text = render(report(observations(broken="accuracy")))
    assert "error[claim]: `behaves` could not be measured" in text
    assert "= note: accuracy is not a finite number on 1 of 20 examples, first on example 2" in text


def test_edges_that_are_measured_need_no_note() -> None:
    edges = replace(TINY, policy=replace(TINY.policy, granularity="edges"))
    assert "edges of the file are not measured" in render(report())
    assert "edges of the file are not measured" not in render(replace(report(), circuit=edges))


def test_no_claims_is_not_a_pass() -> None:
    text = render(replace(report(), verdicts=()))
    assert "nothing is verified" in text
    assert text.splitlines()[-1].startswith("inconclusive")


def with_parts(asked: Claim, *values: float) -> Verdict:
    parts = tuple(
        Part(f"p{i}", Measured(v, Interval(v - 0.01, v + 0.01))) for i, v in enumerate(values)
    )
    return Verdict(asked, "fail", "fail", "formula", parts=parts)


def order(verdict: Verdict) -> list[str]:
    return [line.split()[0] for line in parts_table(circuit(), verdict)[1:]]


def test_the_part_that_decides_comes_first() -> None:
    assert order(with_parts(claim("minimality()"), -0.5, 0.1, 0.3)) == ["p1", "p2", "p0"]
    assert order(with_parts(claim("completeness(search=roles)"), -0.5, 0.1, 0.3))[0] == "p0"
    assert order(with_parts(claim("induction(role=early)"), 0.5, 0.1, 0.3))[0] == "p1"


def test_a_long_table_is_cut_and_says_so() -> None:
    verdict = with_parts(claim("minimality()"), *(i / 100 for i in range(PARTS_SHOWN + 5)))
    lines = parts_table(circuit(), verdict)
    assert len(lines) == 1 + PARTS_SHOWN + 1
    assert lines[-1] == "  and 5 more, all of them in the JSON report"

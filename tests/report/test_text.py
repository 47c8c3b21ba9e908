from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import Claim
from circuitlang.report import render
from circuitlang.report.table import PARTS_SHOWN, parts_table
from circuitlang.score.verdict import Interval, Measured, Part, Verdict
from circuitlang.syntax.render.cells import visible
from tests.plan.circuits import circuit, claim
from tests.report.reports import SOURCE, TINY, nasty, observations, report, vacuous

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


def test_a_vacuous_claim_says_why_and_what_random_circuits_reach() -> None:
    text = render(vacuous())
    assert "vacuous[claim]: `faithful` is 90.0%, but says nothing" in text
    assert "= cover: nothing kept gives 0%; 1 random circuit of this size profile: 97.5%" in text
    assert "= note: the cover `random` is not met" in text
    assert text.endswith("vacuous: 1 vacuous in 1 min 15 s\n")


def test_a_search_shows_both_halves_and_its_sets() -> None:
    asked = claim("completeness(search=greedy(1))", "<=", 0.35, percent=True)
    shown = Measured(0.28, Interval(0.2, 0.3))
    part = Part("K1", shown, members=("a0.h0", "a1.h1"), searched=0.41)
    verdict = Verdict(
        asked, "pass", "pass", "f", n=10, estimate=shown, parts=(part,), searched=0.41
    )
    _, both, row = parts_table(circuit(asked), verdict)
    assert both == (
        "  search: 41.0% on the examples that it saw; reported: 28.0% [20.0, 30.0] on 10 others"
    )
    assert row.split("  ")[1:] == ["K1", "28.0% [20.0, 30.0]", "search 41.0%", "a0.h0 a1.h1"]


@pytest.mark.parametrize("color", [False, True])
def test_no_text_of_a_stranger_commands_the_terminal(color: bool) -> None:
    strange = replace(nasty().circuit.source, text="# \x1b]0;title\x07\n" + SOURCE)
    found = replace(nasty(), circuit=replace(nasty().circuit, source=strange))
    own = re.sub(r"\x1b\[(1;3[0-9]|0)m", "", render(found, color=color))
    assert set(own) - set(visible(own)) <= {"\n"}

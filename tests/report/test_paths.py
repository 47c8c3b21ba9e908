from __future__ import annotations

from dataclasses import replace

from circuitlang.report.paths import render_paths
from circuitlang.score.verdict import Interval, Measured, Part, Verdict
from tests.report.reports import report


def part(name: str, low: float, value: float, high: float, p: float, adjusted: float) -> Part:
    return Part(name, Measured(value, Interval(low, high)), p=p, adjusted=adjusted)


def ranking(*parts: Part) -> Verdict:
    first = report().verdicts[0]
    return replace(first, parts=parts, method="bootstrap over examples, 500 draws")


def test_senders_come_by_the_size_of_what_they_do() -> None:
    parts = (
        part("a0.h0", -0.02, 0.01, 0.03, 0.4, 0.4),
        part("a1.h1", -0.3, -0.2, -0.1, 1e-9, 3e-9),
        part("m0", 0.05, 0.1, 0.15, 0.04, 0.06),
    )
    shown = replace(report(), verdicts=(ranking(*parts),))
    lines = render_paths(shown).splitlines()
    ranked = [line.split()[:2] for line in lines if line.lstrip()[:1].isdigit()]
    assert ranked[:3] == [["1", "a1.h1"], ["2", "m0"], ["3", "a0.h0"]]
    assert any("  1 of 3 clear at 0.05; p turns the interval" in line for line in lines)
    assert [line.split("  ")[-1] for line in lines if " a1.h1 " in line] == ["< 0.0001"]
    assert [line.split("  ")[-1] for line in lines if " m0 " in line] == ["0.04 (0.06)"]
    assert "and 2 more" in render_paths(shown, 1)


def test_without_an_estimate_the_reason_is_said() -> None:
    blank = replace(ranking(), reasons=("the denominator may be zero",))
    assert "the denominator may be zero" in render_paths(replace(report(), verdicts=(blank,)))

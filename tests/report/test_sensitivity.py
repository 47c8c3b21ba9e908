from __future__ import annotations

import json
from dataclasses import replace

from circuitlang.report import render
from circuitlang.report.sensitivity import sensitivity_blocks, summary
from circuitlang.score.sensitivity import Sensitivity
from tests.report.reports import report, with_matrix

MATRICES = with_matrix().sensitivity or ()
FIRST, SECOND = MATRICES


def lines(*matrices: Sensitivity) -> list[str]:
    return [line for block in sensitivity_blocks(matrices) for line in block]


def test_a_hundred_columns_are_enough() -> None:
    assert max(map(len, lines(*MATRICES))) <= 100


def test_every_setting_has_a_row() -> None:
    of_first = lines(FIRST)
    for granularity in ("nodes", "edges"):
        assert sum(line.startswith(f"  {granularity} ") for line in of_first) == 8


def test_the_own_cell_and_the_flips_are_marked() -> None:
    rows = [line for line in lines(FIRST) if line.startswith("  nodes named")]
    zero, mean, *_ = rows
    assert zero.count("! -12345% [-23450, 34560]") == 2
    assert zero.count("fail") == 2
    assert mean.count("* 90.0% [85.0, 95.0]") == 1
    assert "!" not in mean


def test_how_often_it_flips_and_where() -> None:
    assert summary(FIRST) == (
        "flips in 4 of 16 cells (4 fail): nodes named zero, ratio of means; "
        "nodes named zero, mean of ratios; nodes all zero, ratio of means; "
        "nodes all zero, mean of ratios"
    )


def test_many_flips_are_counted_by_what_they_share() -> None:
    flipped = replace(FIRST, cells=tuple(replace(c, flips=not c.own) for c in FIRST.cells))
    flipped = replace(
        flipped, cells=tuple(replace(c, flips=c.flips and c.possible) for c in flipped.cells)
    )
    assert summary(flipped) == (
        "flips in 15 of 16 cells (4 fail, 11 pass): "
        "zero 4 of 4, mean 3 of 4, resample 4 of 4, counterfactual 4 of 4; "
        "named positions 7 of 8, all positions 8 of 8; ratio of means 7 of 8, mean of ratios 8 of 8"
    )


def test_no_flip_is_said() -> None:
    steady = tuple(replace(c, outcome=c.outcome and "pass", flips=False) for c in FIRST.cells)
    assert summary(replace(FIRST, cells=steady)) == "no flip: pass in all 16 cells"


def test_what_is_not_possible_says_why() -> None:
    text = " ".join(" ".join(lines(FIRST)).split())
    assert "not possible in 16 cells (edges): the file declares no edges" in text
    assert "up to 1 of 20 examples have a denominator near zero; they are kept" in text


def test_one_estimator_is_one_column() -> None:
    of_second = lines(SECOND)
    assert "mean of ratios" not in of_second[1]
    assert any("! no estimate" in line and line.endswith("error") for line in of_second)


def test_that_cells_are_not_corrected_is_said_once_and_only_with_a_matrix() -> None:
    assert render(with_matrix()).count("not corrected for their number") == 1
    assert "sensitivity" not in render(report())


def test_the_record_has_every_cell() -> None:
    record = json.loads(render(with_matrix(), "json"))
    first = record["sensitivity"][0]
    assert (first["measured"], first["flips"], len(first["cells"])) == (16, 4, 32)
    (own,) = [cell for cell in first["cells"] if cell["own"]]
    assert (own["estimate"], own["interval"], own["verdict"]) == (0.9, [0.85, 0.95], "pass")
    lost = [cell for cell in first["cells"] if cell["verdict"] is None]
    assert {cell["reason"] for cell in lost} == {"the file declares no edges"}
    assert json.loads(render(report(), "json"))["sensitivity"] is None

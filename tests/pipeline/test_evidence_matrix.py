"""The sensitivity matrix in evidence: judged again from the numbers beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from circuitlang.pipeline.evidence import read_evidence
from tests.pipeline.evidences import (
    TODAY,
    Content,
    Edit,
    edit,
    recorded,
    refusal,
    with_matrix,
)


def test_a_matrix_is_judged_again(tmp_path: Path) -> None:
    report = with_matrix(tmp_path, "all")
    found, findings = read_evidence(recorded(tmp_path, report), TODAY)
    assert found is not None, findings
    assert found.report.sensitivity == report.sensitivity
    assert found.options.sensitivity == "all"
    assert found.observations == report.observations


def test_what_the_data_made_impossible_is_taken_from_the_matrix(tmp_path: Path) -> None:
    report = with_matrix(tmp_path, obstacles={"resample": "each prompt is alone"})
    found, findings = read_evidence(recorded(tmp_path, report), TODAY)
    assert found is not None, findings
    assert found.report.sensitivity == report.sensitivity
    assert found.options.sensitivity == "faithfulness"


def flipped(cell: Content) -> None:
    cell.update(flips=not cell["flips"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update(estimate=0.5), "cells[0].estimate"),
        (lambda c: c["interval"].__setitem__(0, -1.0), "cells[0].interval"),
        (lambda c: c.update(verdict="inconclusive"), "cells[0].verdict"),
        (lambda c: c.update(near_zero=3), "cells[0].near_zero"),
        (lambda c: c.update(reason="because"), "cells[0].reason"),
        (flipped, "cells[0].flips"),
    ],
    ids=["estimate", "interval", "verdict", "near zero", "reason", "flips"],
)
def test_an_edited_cell_is_refused(tmp_path: Path, change: Edit, told: str) -> None:
    def of_cell(content: Content) -> None:
        change(content["verification"]["sensitivity"][0]["cells"][0])

    path = edit(recorded(tmp_path, with_matrix(tmp_path)), of_cell, sealed=True)
    assert f"sensitivity[faithful].{told}" in (refusal(path).note or "")


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.clear(),
        lambda m: m.append(m[0]),
        lambda m: m[0]["cells"].pop(),
        lambda m: m[0].update(claim="minimal"),
        lambda m: m[0].update(flips=0),
    ],
    ids=["none", "twice", "a cell less", "another claim", "flips"],
)
def test_an_edited_matrix_is_refused(
    tmp_path: Path, change: Callable[[list[Content]], object]
) -> None:
    path = recorded(tmp_path, with_matrix(tmp_path))
    edit(path, lambda c: change(c["verification"]["sensitivity"]), sealed=True)
    assert refusal(path).code == "edited-evidence"

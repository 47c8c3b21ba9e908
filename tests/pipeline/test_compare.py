"""`circuitlang compare` on the real model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.commands import SPECS, circuitlang, copy_of
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]


def test_rivals_are_ranked_and_circuits_of_another_task_stand_apart(tmp_path: Path) -> None:
    without = copy_of(
        "ioi_smollm2.circuit",
        tmp_path,
        ("head a23.h3\n", "head a23.h4\n"),
        ("circuit ioi_smollm2", "circuit no_suppressor"),
    )
    files = [SPECS / f"{name}.circuit" for name in ("induction_smollm2", "ioi_smollm2")]
    done = circuitlang("compare", without, *files, "--examples", 16, "--format", "json")
    assert done.code == 0, done.err
    first, second = json.loads(done.out)["groups"]
    assert [one["name"] for one in first["ranking"]] == ["ioi_smollm2", "no_suppressor"]
    assert first["ranking"][1]["behind"] == ["ioi_smollm2"]
    assert [(pair["a"], pair["b"]) for pair in first["pairs"]] == [("ioi_smollm2", "no_suppressor")]
    assert first["variants"] == 3, "the model and two circuits, in one run"
    assert (first["held_out"], first["examples"]) == (8, 16)
    assert [one["name"] for one in second["circuits"]] == ["induction_smollm2"]


def test_rivals_without_a_form_in_common_are_refused(tmp_path: Path) -> None:
    other = copy_of("ioi_smollm2.circuit", tmp_path, ("as=ratio", "as=gap"), ("75%", "1"))
    done = circuitlang("compare", other, SPECS / "ioi_smollm2.circuit", "--examples", 16)
    assert done.code == 2
    assert "no-shared-measure" in done.err
    assert "--measure ratio | normalized | gap | kl" in done.err

"""`circuitlang verify --sensitivity` on a tiny model of random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.report.json import schema
from tests.e2e.commands import SPECS, circuitlang
from tests.model.folders import save
from tests.model.tiny import gpt2

SPEC = """\
edition 1

circuit tiny {
  model "path:model"

  task {
    data "pairs.jsonl"
    corrupt other given
    position S given
    position END last
    metric logit_diff() at END
  }

  policy {
    ablation = mean(corrupt=other)
    examples = 12
    resamples = 200
    cover = none
  }

  role early at S attending S {
    head a0.h0
    head a0.h1
  }

  role mover at END attending S {
    head a1.h1
  }

  edge input -> early
  edge early -> mover via v
  edge mover -> logits

  claim apart: faithfulness(as=gap) <= 100
  claim near: faithfulness(as=kl) <= 0.000001
  claim moves: effect(of=mover) >= -1000% else warn
}
"""
PAIRS = [(chr(97 + i), chr(97 + i + 1)) for i in range(12)]


def write_project(folder: Path, templates: str = "tttttttttttt") -> Path:
    """The spec with its model and data in a folder; a letter of ``templates`` names that of each
    pair."""
    (folder / "model").mkdir()
    save(folder / "model", gpt2())
    lines = (
        json.dumps(
            {
                "clean": f"x{one}{other}yz",
                "corrupt": {"other": f"x{other}{one}yz"},
                "answer": one,
                "against": other,
                "positions": {"S": [1, 3]},
                "template": template,
            }
        )
        for (one, other), template in zip(PAIRS, templates, strict=True)
    )
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "tiny.circuit").write_text(SPEC)
    return folder / "tiny.circuit"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("project"))


def record(spec: Path, *arguments: object) -> dict[str, Any]:
    done = circuitlang("verify", *arguments, spec, "--format", "json")
    assert done.code in (0, 1, 3), done.out + done.err
    found: dict[str, Any] = json.loads(done.out)
    jsonschema.Draft202012Validator(schema()).validate(found)
    return found


def test_a_matrix_a_claim_and_the_verdicts_of_a_plain_run(spec: Path) -> None:
    plain = record(spec, "--no-cache")
    found = record(spec, "--no-cache", "--sensitivity")
    assert plain["sensitivity"] is None
    assert [one["claim"] for one in found["sensitivity"]] == ["apart", "near"]
    assert found["exit_code"] == plain["exit_code"] == 1
    for matrix, claim, before in zip(
        found["sensitivity"], found["claims"], plain["claims"], strict=False
    ):
        assert claim["verdict"] == before["verdict"]
        assert claim["estimate"] == pytest.approx(before["estimate"], rel=1e-4)
        (own,) = [cell for cell in matrix["cells"] if cell["own"]]
        assert (own["estimate"], own["interval"]) == (claim["estimate"], claim["interval"])
        assert len(matrix["cells"]) == 32
        assert matrix["measured"] == 16


def test_all_measures_whatever_ablates(spec: Path) -> None:
    found = record(spec, "--no-cache", "--sensitivity=all", "--claim", "moves")
    assert [one["claim"] for one in found["sensitivity"]] == ["moves"]
    assert found["sensitivity"][0]["measured"] == 32


def test_the_cache_keeps_every_cell(spec: Path) -> None:
    first = record(spec, "--sensitivity")
    again = record(spec, "--sensitivity")
    assert again["sensitivity"] == first["sensitivity"]
    assert again["preflight"] == ["not made: nothing was run, every number is from the cache"]


def test_a_cell_and_a_spec_of_that_policy_have_the_same_numbers(spec: Path) -> None:
    """What the matrix has measured, the spec under another policy finds in the cache."""
    matrix = record(spec, "--sensitivity")["sensitivity"][0]
    other = spec.with_name("other.circuit")
    text = SPEC.replace("mean(corrupt=other)", "counterfactual(corrupt=other)")
    other.write_text(text.replace("    examples", "    granularity = edges\n    examples"))
    found = record(other, "--claim", "apart")
    (cell,) = [
        cell
        for cell in matrix["cells"]
        if (cell["granularity"], cell["ablation"], cell["positions"], cell["estimator"])
        == ("edges", "counterfactual", "named", "ratio of means")
    ]
    assert found["claims"][0]["estimate"] == cell["estimate"]
    assert found["claims"][0]["interval"] == cell["interval"]


def test_the_table_names_the_choices_and_what_flips(spec: Path) -> None:
    done = circuitlang("verify", "--sensitivity", spec, "--claim", "near")
    assert done.code == 1, done.err
    assert "sensitivity of near: mean KL(p_M ‖ p_C), claimed <= 1e-06, corrupt = other" in done.out
    assert sum(line.startswith(("  nodes ", "  edges ")) for line in done.out.splitlines()) == 16
    flips = sum(
        line.startswith(("  nodes ", "  edges ")) and "!" in line for line in done.out.splitlines()
    )
    told = f"flips in {flips} of 16 cells" if flips else "no flip: fail in all 16 cells"
    assert told in done.out
    assert "is no ratio and has one estimator" in " ".join(done.out.split())


def test_a_dry_run_says_what_the_matrix_costs() -> None:
    ioi = SPECS / "ioi_smollm2.circuit"
    plain = circuitlang("verify", "--dry-run", "--claim", "faithful", ioi).out
    done = circuitlang("verify", "--dry-run", "--claim", "faithful", "--sensitivity", ioi)
    assert done.code == 0
    assert "32 of 32 cells of 1 claim" in done.out
    assert "4,608 forward passes in one plan, 11,264 in one run for each" in done.out
    assert "cells of" not in plain


def test_a_value_comes_after_an_equals_sign_only(spec: Path) -> None:
    done = circuitlang("verify", "--sensitivity=everything", spec)
    assert done.code == 2
    assert "'everything' is not one of 'faithfulness', 'all'" in done.err

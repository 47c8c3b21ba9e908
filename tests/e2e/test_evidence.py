"""`verify --record`, `verify --against` and `reproduce`, on the real model."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.report import FORMATS
from circuitlang.report.changes import differences
from tests.e2e.commands import Program, circuitlang, copy_of
from tests.e2e.tiny_project import save_model, write_spec
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

KILLS = 20
PARTS = ".*.evidence.json.*.tmp"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec of three claims, with evidence beside it."""
    folder = tmp_path_factory.mktemp("recorded")
    path = copy_of("ioi_smollm2.circuit", folder, ("examples = 256", "examples = 16"))
    kept = ("faithful", "suppressor_matters", "movers_read_io")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(
        "".join(
            line
            for line in lines
            if not line.startswith("  claim ") or line.split()[1].rstrip(":") in kept
        ).replace("confidence = 95%", "confidence = 95%\n    cover = none")
    )
    done = circuitlang("verify", path, "--record")
    assert done.code in (0, 1, 3), done.err
    assert "recorded" in done.err
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of the tiny project, whose model has gone."""
    folder = tmp_path_factory.mktemp("tiny")
    model = save_model(folder)
    spec = write_spec(folder)
    assert circuitlang("verify", spec, "--record").code == 1
    shutil.rmtree(model)
    return spec


def evidence(spec: Path) -> Path:
    return spec.with_suffix(".evidence.json")


def test_evidence_reproduces(spec: Path) -> None:
    done = circuitlang("reproduce", evidence(spec))
    assert done.code == 0, done.out + done.err
    assert "reproduced: 3 claims" in done.out


def test_edited_evidence_is_refused(spec: Path, tmp_path: Path) -> None:
    content = json.loads(evidence(spec).read_text())
    content["verification"]["claims"][0]["estimate"] += 0.05
    edited = copy_of("ioi_smollm2.circuit", tmp_path).with_suffix(".evidence.json")
    edited.write_text(json.dumps(content))
    done = circuitlang("reproduce", edited)
    assert done.code == 2
    assert "error[edited-evidence]" in done.err
    assert "claims[faithful].estimate" in done.err


def test_a_weaker_circuit_falls(spec: Path, tmp_path: Path) -> None:
    weaker = copy_of("ioi_smollm2.circuit", tmp_path)
    weaker.write_text(spec.read_text().replace("    head a23.h3\n", "    head a22.h3\n"))
    done = circuitlang("verify", weaker, "--against", evidence(spec), "--claim", "faithful")
    assert done.code == 1
    assert "worse  faithful" in done.out
    assert "1 fallen since the evidence" in done.out


def test_another_ablation_is_not_compared(spec: Path, tmp_path: Path) -> None:
    other = copy_of("ioi_smollm2.circuit", tmp_path)
    other.write_text(spec.read_text().replace("mean(corrupt=abc, by=prompt)", "zero"))
    done = circuitlang("verify", other, "--against", evidence(spec), "--claim", "faithful")
    assert done.code == 2
    assert "error[different-definitions]" in done.err


def test_a_killed_run_leaves_the_old_record_or_the_new(tmp_path: Path) -> None:
    """Half of the moments are anywhere in the run, half while the record is being written."""
    save_model(tmp_path)
    tiny = write_spec(tmp_path)
    path = evidence(tiny)
    renewed = ("verify", tiny, "--record", "--seed", 8, "--no-cache")
    assert circuitlang(*renewed).code == 1
    new = _claims(path)
    start = time.perf_counter()
    assert circuitlang("verify", tiny, "--record", "--no-cache").code == 1
    usual = time.perf_counter() - start
    old, before = _claims(path), path.read_bytes()
    assert old != new

    moments, killed, left = random.Random(0), 0, []
    for i in range(KILLS):
        path.write_bytes(before)
        for unfinished in tmp_path.glob(PARTS):
            unfinished.unlink()
        program = Program(*renewed)
        if i % 2:
            _wait_for_writing(program, tmp_path)
            time.sleep(0.001 * moments.random())
        else:
            time.sleep(usual * moments.random())
        program.signal(signal.SIGKILL)
        killed += program.outcome().code == -signal.SIGKILL
        found, findings = read_evidence(path)
        assert found is not None, findings
        left.append(_claims(path))
        assert left[-1] in (old, new)
    assert killed >= KILLS // 4, "most runs were done before they could be killed"
    assert old in left
    assert new in left
    assert list(tmp_path.glob("*.evidence.json")) == [path]


def _claims(path: Path) -> Any:
    """What a record says, but for how long it took."""
    claims = json.loads(path.read_text())["verification"]["claims"]
    return [{key: one[key] for key in ("name", "estimate", "interval")} for one in claims]


def _wait_for_writing(program: Program, folder: Path) -> None:
    while program.running and not list(folder.glob(PARTS)):
        time.sleep(0.0005)


def test_several_specs_take_the_folder_of_their_evidence(tmp_path: Path) -> None:
    save_model(tmp_path)
    one, two = (write_spec(tmp_path, name=f"{name}.circuit") for name in ("one", "two"))
    assert circuitlang("verify", one, "--record").code == 1
    done = circuitlang("verify", one, two, "--against", tmp_path, "--format", "json")
    first, second = json.loads(done.out)
    assert {claim["finding"] for claim in first["against"]["claims"]} == {"same"}
    assert second["against"] is None
    assert f"{two}: not compared, as there is no {evidence(two)}\n" in done.err
    refused = circuitlang("verify", one, two, "--against", evidence(one))
    assert refused.code == 2
    assert "several take the folder of theirs" in refused.err


@pytest.mark.parametrize("form", FORMATS)
def test_evidence_is_shown_without_its_model(tiny: Path, form: str) -> None:
    done = circuitlang("report", evidence(tiny), "--format", form)
    assert done.code == 1, done.err
    assert "stares" in done.out


def test_what_is_shown_is_what_was_verified(tiny: Path) -> None:
    shown = json.loads(circuitlang("report", evidence(tiny), "--format", "json").out)
    recorded = json.loads(evidence(tiny).read_text())["verification"]
    assert list(differences(recorded, shown, lambda one, other: one == other)) == []


def test_evidence_that_is_none_is_in_every_report(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "no.evidence.json"
    path.write_text("{}")
    done = circuitlang("report", evidence(tiny), path, "--format", "junit")
    assert done.code == 2
    assert "is no evidence that can be read" in done.out


def test_several_are_reproduced_at_once(tmp_path: Path) -> None:
    save_model(tmp_path)
    one, two = (write_spec(tmp_path, name=f"{name}.circuit") for name in ("one", "two"))
    assert circuitlang("verify", one, two, "--record").code == 1
    evidence(two).write_text(evidence(two).read_text().replace('"examples": 16', '"examples": 15'))
    done = circuitlang("reproduce", evidence(one), evidence(two))
    assert done.code == 2
    assert f"{evidence(one)}: reproduced: 6 claims and" in done.out
    assert "two.evidence.json` was changed after it was written" in done.err
    whole = circuitlang("reproduce", evidence(one), evidence(two), "--format", "json")
    assert [one["exit_code"] for one in json.loads(whole.out)] == [0, 2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--record", "--claim", "faithful"), "--record is of all claims"),
        (("--max-drop", "5%"), "--max-drop is about --against"),
        (("--against", "x.json", "--max-drop", "five"), "`five` is no number"),
    ],
)
def test_what_cannot_be_asked_for(spec: Path, arguments: tuple[str, ...], told: str) -> None:
    done = circuitlang("verify", spec, *arguments)
    assert done.code == 2
    assert told in done.err

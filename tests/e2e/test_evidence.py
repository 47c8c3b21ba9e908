"""`verify --record`, `verify --against` and `reproduce`, on the real model."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.pipeline.compile import compile_source
from circuitlang.pipeline.evidence import read_evidence
from circuitlang.report import FORMATS
from circuitlang.report.changes import differences
from circuitlang.report.evidence import seal
from circuitlang.report.reproduction import reproduction_schema
from circuitlang.syntax.source import Source
from tests.e2e.commands import Program, circuitlang, copy_of
from tests.e2e.test_sensitivity import write_project
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


def sealed_again(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy beside the evidence with a change made to it."""
    content = json.loads(path.read_text())
    change(content)
    content["seal"] = seal(content)
    edited = path.with_name("edited.evidence.json")
    edited.write_text(json.dumps(content))
    return edited


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence with a matrix, on data that have no donors for some prompts."""
    spec = write_project(tmp_path_factory.mktemp("matrix"), templates="ttttttttttta")
    assert circuitlang("verify", spec, "--record", "--sensitivity").code == 1
    return evidence(spec)


def test_a_matrix_reproduces(measured: Path) -> None:
    done = circuitlang("reproduce", measured)
    assert done.code == 0, done.out + done.err
    cells = json.loads(measured.read_text())["verification"]["sensitivity"][0]["cells"]
    assert sum("`a` has one of" in (cell["reason"] or "") for cell in cells) == 8


def test_a_matrix_is_shown_without_its_model(measured: Path) -> None:
    done = circuitlang("report", measured)
    assert "sensitivity of near: mean KL(p_M ‖ p_C)" in done.out


def excuse(content: dict[str, Any]) -> None:
    for matrix in content["verification"]["sensitivity"]:
        for cell in matrix["cells"]:
            if cell["ablation"] == "resample":
                cell["reason"] = "it was late"


def flip(content: dict[str, Any]) -> None:
    content["verification"]["sensitivity"][1]["cells"][0]["verdict"] = "pass"


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (flip, 2, "sensitivity[near].cells[0].verdict"),
        (excuse, 1, '.reason: recorded "it was late", found "`resample` takes values'),
        (lambda c: c["shape"].update(d_model=999), 1, "shape.d_model: recorded 999, found"),
        (lambda c: c["shape"].update(family="none"), 1, 'shape.family: recorded "none"'),
        (lambda c: c.update(shape=None), 1, "shape: recorded null"),
        (lambda c: c["clusters"].__setitem__(0, list("ttttttbbbbbb")), 2, "claims[apart].interval"),
        (lambda c: c["clusters"].__setitem__(0, list("bbbbbbabbbbb")), 1, "template of example 0"),
        (lambda c: c.update(date="2999-01-01"), 2, "date: recorded 2999-01-01, and today is"),
        (lambda c: c["verification"].update(device="\x1b[31mx"), 0, "device: recorded"),
    ],
    ids=["cell", "excuse", "size", "family", "no shape", "group", "name", "future", "device"],
)
def test_an_edit_that_was_sealed_again_is_found_out(
    measured: Path, change: Callable[[dict[str, Any]], object], code: int, told: str
) -> None:
    done = circuitlang("reproduce", sealed_again(measured, change))
    assert done.code == code, done.out + done.err
    assert told in done.out + done.err
    assert "\x1b" not in done.out + done.err


def test_reproductions_keep_to_their_schema(measured: Path) -> None:
    other = sealed_again(measured, lambda c: c["shape"].update(d_model=999))
    done = circuitlang("reproduce", measured, other, "--format", "json")
    assert done.code == 1
    for one in json.loads(done.out):
        jsonschema.validate(one, reproduction_schema())


def test_an_expired_waiver_is_told(tmp_path: Path) -> None:
    save_model(tmp_path)
    spec = write_spec(tmp_path)
    assert circuitlang("verify", spec, "--record").code == 1

    def long_ago(content: dict[str, Any]) -> None:
        """As recorded when a waiver still held that has ended since."""
        content["text"] = content["text"].replace("2099-01-31", "2020-01-31")
        content["date"] = "2020-01-01"
        verification = content["verification"]
        source = Source(content["text"])
        circuit = compile_source(source, tmp_path, date(2020, 1, 1)).circuit
        assert circuit is not None
        verification["spec"]["digest"] = circuit.digest
        (claim,) = [one for one in verification["claims"] if one["name"] == "fixed"]
        claim["waiver"]["until"] = "2020-01-31"

    old = sealed_again(evidence(spec), long_ago)
    done = circuitlang("reproduce", old)
    assert done.code == 0, done.err
    assert "note: the waiver of `fixed` ended on 2020-01-31, after this was recorded" in done.out
    shown = circuitlang("report", old)
    assert "warning[expired-waiver]: the waiver of `fixed` ended on 2020-01-31" in shown.err


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        done = circuitlang("reproduce", tmp_path / name)
        assert done.code == 2
        assert "it is no regular file" in done.err


def test_a_list_that_is_not_beside_the_evidence_is_missed(tiny: Path, tmp_path: Path) -> None:
    alone = tmp_path / "tiny.evidence.json"
    shutil.copy(evidence(tiny), alone)
    done = circuitlang("report", alone)
    assert done.code == 2
    assert f"--> the text in {alone}:" in done.err
    assert "word lists and data are looked up beside the evidence" in done.err


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

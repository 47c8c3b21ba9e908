"""`verify --record`, `verify --against` and `reproduce`, on the real model."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.commands import circuitlang, command, copy_of
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

KILLS = 20


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
    assert "worse  faithful" in done.err


def test_another_ablation_is_not_compared(spec: Path, tmp_path: Path) -> None:
    other = copy_of("ioi_smollm2.circuit", tmp_path)
    other.write_text(spec.read_text().replace("mean(corrupt=abc, by=prompt)", "zero"))
    done = circuitlang("verify", other, "--against", evidence(spec), "--claim", "faithful")
    assert done.code == 2
    assert "error[different-definitions]" in done.err


def test_a_killed_run_leaves_the_old_record_or_the_new(spec: Path) -> None:
    path = evidence(spec)
    start = time.perf_counter()
    assert circuitlang("verify", spec, "--record").code in (0, 1, 3)
    usual = time.perf_counter() - start
    whole = set()
    moments = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(
            command("verify", spec, "--record"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Most moments near the end, where the file is written.
        time.sleep(usual * (1 - moments.random() ** 2))
        process.kill()
        process.wait()
        whole.add(json.loads(path.read_text())["seal"])
    assert whole
    assert list(path.parent.glob("*.evidence.json")) == [path]


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

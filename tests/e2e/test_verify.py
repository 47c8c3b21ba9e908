"""`circuitlang verify` on the real model."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import jsonschema
import pytest

from circuitlang.report.json import schema
from tests.e2e.commands import SPECS, Program, circuitlang, copy_of, wait_until_measuring
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The JSON of three claims, written to a file."""
    output = tmp_path_factory.mktemp("record") / "ioi.json"
    done = circuitlang(
        *("verify", SPECS / "ioi_smollm2.circuit", "--examples", 32, "--format", "json"),
        *("--claim", "behaves", "--claim", "faithful", "--claim", "suppressor_reads_s2"),
        *("--output", output),
    )
    assert done.code in (0, 3), done.err
    loaded: dict[str, object] = json.loads(output.read_text())
    return loaded


def test_the_record_keeps_to_its_schema(record: dict[str, object]) -> None:
    jsonschema.Draft202012Validator(schema()).validate(record)


def test_the_record_says_what_its_numbers_depend_on(record: dict[str, object]) -> None:
    claims = record["claims"]
    assert isinstance(claims, list)
    assert [claim["name"] for claim in claims] == ["behaves", "faithful", "suppressor_reads_s2"]
    wanted = {"name", "measure", "formula", "estimate", "interval", "n", "verdict", "seconds"}
    assert all(wanted <= claim.keys() for claim in claims)
    assert all(claim["n"] == 32 for claim in claims)
    for part in ("spec", "model", "data"):
        section = record[part]
        assert isinstance(section, dict)
        assert len(section["digest"]) == 64


def test_the_circuit_is_faithful_and_the_same_run_twice_is_the_same(
    record: dict[str, object],
) -> None:
    again = circuitlang(
        *("verify", SPECS / "ioi_smollm2.circuit", "--examples", 32, "--format", "json"),
        *("--claim", "faithful"),
    )
    claims = record["claims"]
    assert isinstance(claims, list)
    (repeated,) = json.loads(again.out)["claims"]
    assert repeated["estimate"] == pytest.approx(claims[1]["estimate"], abs=1e-5)
    assert 0.6 < repeated["estimate"] < 1.3


def test_a_wrong_head_fails_the_claim_that_it_was_to_carry(tmp_path: Path) -> None:
    wrong = copy_of("ioi_smollm2.circuit", tmp_path, ("head a23.h3\n", "head a22.h3\n"))
    done = circuitlang(
        *("verify", wrong, "--examples", 32),
        *("--claim", "suppressor_matters", "--claim", "previous"),
    )
    assert done.code == 1, done.out + done.err
    assert "fail[claim]: `suppressor_matters`" in done.out
    assert "fail[claim]: `previous`" not in done.out


def test_killed_half_way_it_leaves_the_old_file(tmp_path: Path, own_cache: Path) -> None:
    output = tmp_path / "record.json"
    output.write_text("old")
    program = Program(
        *("verify", SPECS / "ioi_smollm2.circuit", "--format", "json", "--output", output)
    )
    wait_until_measuring(program, own_cache)
    program.signal(signal.SIGKILL)
    assert program.outcome().code == -signal.SIGKILL
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_interrupted_it_says_so(tmp_path: Path, own_cache: Path) -> None:
    program = Program(
        *("verify", SPECS / "ioi_smollm2.circuit", "--examples", 2000),
        *("--output", tmp_path / "report.txt"),
    )
    wait_until_measuring(program, own_cache)
    program.signal(signal.SIGINT)
    done = program.outcome()
    assert done.code == 130
    assert "interrupted; no output was written" in done.err
    assert list(tmp_path.iterdir()) == []

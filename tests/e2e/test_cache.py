"""`circuitlang verify` with its cache, on the real model."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from circuitlang.store.place import CACHE_DIR
from tests.e2e.commands import Program, circuitlang, copy_of, wait_until_measuring
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

FEW = ("--examples", 16, "--claim", "suppressor_matters", "--claim", "movers_read_io")


@pytest.fixture(autouse=True)
def usual_place(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CACHE_DIR)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which two claims have been measured."""
    project = tmp_path_factory.mktemp("project")
    (project / ".git").mkdir()
    (project / "specs").mkdir()
    copy_of("ioi_smollm2.circuit", project / "specs")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(CACHE_DIR)
        done = circuitlang("verify", project / "specs" / "ioi_smollm2.circuit", *FEW)
    assert done.code in (0, 1, 3), done.err
    return project


@pytest.fixture
def spec(measured: Path, tmp_path: Path) -> Path:
    """The spec of a copy of that project, cache and all."""
    return Path(shutil.copytree(measured, tmp_path / "copy")) / "specs" / "ioi_smollm2.circuit"


def record(spec: Path, *arguments: object) -> dict[str, Any]:
    done = circuitlang("verify", spec, *(arguments or FEW), "--format", "json")
    assert done.code in (0, 1, 3), done.err
    loaded: dict[str, Any] = json.loads(done.out)
    return loaded | {"warnings": done.err}


def statuses(of: dict[str, Any]) -> list[str]:
    return [claim["cache"]["status"] for claim in of["claims"]]


def numbers(of: dict[str, Any]) -> list[Any]:
    return [[c[k] for k in ("estimate", "interval", "inputs", "parts")] for c in of["claims"]]


def flat(value: Any) -> list[float]:
    """All numbers in a JSON value, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in flat(one)]
    return [value] if isinstance(value, int | float) else []


def test_the_cache_lies_beside_git_and_is_not_its_business(spec: Path) -> None:
    project = spec.parents[1]
    assert (project / ".circuitlang" / ".gitignore").read_text() == "*\n"
    assert not (spec.parent / ".circuitlang").exists()


def test_nothing_is_run_the_second_time(spec: Path) -> None:
    first = record(spec, *FEW, "--no-cache")
    second = record(spec)
    assert statuses(second) == ["cached", "cached"]
    assert "nothing was run" in second["preflight"][0]
    assert numbers(second) == numbers(first)
    assert [claim["seconds"] for claim in second["claims"]] == [0.0, 0.0]
    assert second["seconds"] < first["seconds"]


def test_a_member_changes_what_the_circuit_does_and_no_attention(spec: Path) -> None:
    text = spec.read_text()
    assert "    head a23.h3\n" in text
    spec.write_text(text.replace("    head a23.h3\n", "    head a22.h3\n"))
    done = circuitlang("verify", spec, *FEW, "--explain")
    (ran,) = [line for line in done.out.splitlines() if "the circuit changed" in line]
    assert ran.split()[:2] == ["suppressor_matters", "partly"]
    assert "a23.h3" in ran
    assert "a22.h3" in ran
    assert "movers_read_io      cached" in done.out


def test_what_is_damaged_is_reported_and_measured_again(spec: Path) -> None:
    before = numbers(record(spec))
    parcels = spec.parents[1] / ".circuitlang" / "parcels"
    for path in parcels.glob("*/*.f64"):
        content = bytearray(path.read_bytes())
        content[3] ^= 4
        path.write_bytes(content)
    again = record(spec)
    assert "warning[damaged-cache]" in again["warnings"]
    assert statuses(again) == ["measured", "measured"]
    assert numbers(again) == before
    assert statuses(record(spec)) == ["cached", "cached"]


def test_two_processes_share_a_cache(spec: Path, tmp_path: Path) -> None:
    shutil.rmtree(spec.parents[1] / ".circuitlang")
    outputs = [tmp_path / "one.json", tmp_path / "two.json"]
    arguments = ("verify", spec, *FEW, "--format", "json", "--output")
    programs = [Program(*arguments, output) for output in outputs]
    for done in [program.outcome() for program in programs]:
        assert done.code in (0, 1, 3), done.err
        assert "cache" not in done.err
    one, two = (json.loads(output.read_text()) for output in outputs)
    assert numbers(one) == numbers(two)
    assert numbers(record(spec)) == numbers(one)
    assert statuses(record(spec)) == ["cached", "cached"]


def test_no_cache_leaves_no_folder(tmp_path: Path) -> None:
    alone = copy_of("ioi_smollm2.circuit", tmp_path)
    done = circuitlang("verify", alone, "--examples", 8, "--claim", "behaves", "--no-cache")
    assert done.code in (0, 1, 3), done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ioi_smollm2.circuit", "words"]


def test_killed_half_way_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
        copy_of("ioi_smollm2.circuit", tmp_path / name)
    spec = tmp_path / "killed" / "ioi_smollm2.circuit"
    arguments = ("--examples", 96, "--claim", "rest_fails", "--claim", "suppressor_matters")
    program = Program("verify", spec, *arguments)
    # A batch is kept as two parcels, for the model itself does not depend on what is ablated, so
    # with the third the first batch is done.
    wait_until_measuring(program, spec.parent / ".circuitlang", parcels=3)
    program.signal(signal.SIGKILL)
    assert program.outcome().code == -signal.SIGKILL, "it was done before it could be killed"

    resumed = record(spec, *arguments)
    assert statuses(resumed) == ["partly", "partly"]
    for claim in resumed["claims"]:
        assert "the last run did not finish" in claim["cache"]["reasons"]
        assert 0 < claim["cache"]["found"] < claim["cache"]["needed"]
    whole = record(tmp_path / "whole" / "ioi_smollm2.circuit", *arguments)
    assert statuses(whole) == ["measured", "measured"]
    # The kill may fall between a batch's two parcels; the rest is then computed without the other
    # half beside it, and may round differently.
    assert flat(numbers(resumed)) == pytest.approx(flat(numbers(whole)), rel=1e-5, abs=1e-6)
    kept = [
        circuitlang("cache", tmp_path / name).out.split(": ")[1].split(" numbers")[0]
        for name in ("killed", "whole")
    ]
    assert kept[0] == kept[1], "the second run did more than the rest"

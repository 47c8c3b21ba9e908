"""Specs out of git: from any revision, with what lies beside them there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from circuitlang.pipeline.git import RevisionError
from circuitlang.pipeline.revisions import checked_out, revision
from circuitlang.pipeline.structure import spec_of
from tests.check.specs import NAMES, spec
from tests.e2e.commands import circuitlang

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

TASK = (
    'words name from "words/names.txt" prompt p "When {A:name} met {B:name}, {C=B} saw" '
    "position END last metric logit_diff(answer=A, against=B) at END"
)
ROLE = "role r at END attending any { head a1.h0 } "
CLAIM = "claim right: accuracy(of=model) >= 90%"


def git(folder: Path, *arguments: str) -> str:
    names = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull}
    also = {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **names, **also},
    )
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone of a bare repository: three revisions of a spec, and of the words beside it."""
    bare, work = tmp_path / "bare.git", tmp_path / "work"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(work))
    specs = work / "specs"
    (specs / "words").mkdir(parents=True)
    words = NAMES.split()
    for number, bound in enumerate(("90%", "90%", "80%")):
        (specs / "words" / "names.txt").write_text("\n".join(words[: 12 - min(number, 1)]) + "\n")
        text = spec(
            ROLE + CLAIM.replace("90%", bound), task=TASK, policy="ablation = zero examples = 20"
        )
        (specs / "a.circuit").write_text(text)
        git(work, "add", ".")
        git(work, "commit", "--quiet", "-m", f"revision {number}")
        git(work, "tag", f"r{number}")
    git(work, "push", "--quiet", "origin", "HEAD")
    return work


def test_a_weaker_claim_is_found_across_revisions(project: Path) -> None:
    for places in (("r1", "specs/a.circuit"), ("r1", "r2", "specs/a.circuit")):
        done = circuitlang("diff", *places, "--fail-on", "weakens", cwd=project)
        assert done.code == 1, done.err
        assert "90% → 80%" in done.out
    both = ("r1:specs/a.circuit", "r2:specs/a.circuit")
    assert "90% → 80%" in circuitlang("diff", *both, cwd=project).out


def test_words_come_from_the_revision_too(project: Path) -> None:
    done = circuitlang("diff", "r0", "r1", "specs/a.circuit", cwd=project)
    assert done.code == 1
    assert "words name content" in done.out
    assert "re-measures" in done.out


def test_from_another_folder_the_path_is_taken_from_there(project: Path) -> None:
    assert circuitlang("diff", "r2", "a.circuit", cwd=project / "specs").code == 0


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (("r9", "r2", "specs/a.circuit"), "git knows no revision `r9`\n  = help: `git fetch`"),
        (("r0", "r2", "gone/a.circuit"), "`r0:gone/a.circuit`: that revision has no such file"),
        (("r0", "r2", "../a.circuit"), "not a git repository"),
        (("--output=x", "specs/a.circuit"), ""),
        (("r0", "specs/b.circuit"), "has no such file"),
        (("r9", "specs/a.circuit"), "there is no file `r9`, and git knows no revision `r9`\n"),
        (("r9:specs/a.circuit", "specs/a.circuit"), "and git knows no revision `r9`\n  = help"),
        (("a.circuit", "specs/a.circuit"), "error[unreadable-file]: there is no file `a.circuit`"),
    ],
)
def test_what_git_does_not_have_is_said(project: Path, places: tuple[str, ...], said: str) -> None:
    done = circuitlang("diff", *places, cwd=project)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("text", ["--all", "-h", ""])
def test_a_revision_is_no_option_of_git(project: Path, text: str) -> None:
    with pytest.raises(RevisionError, match="git knows no revision"):
        revision(text, project / "specs" / "a.circuit")


def test_outside_of_a_repository_that_is_said(tmp_path: Path) -> None:
    done = circuitlang("diff", "v1", "v2", "a.circuit", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "not a git repository" in done.err


@pytest.mark.parametrize("folder", ["", "words", ".git"])
def test_a_file_is_found_whose_folder_is_gone(project: Path, folder: str) -> None:
    """And one whose folder is a file today."""
    (project / "specs").rename(project / "hypotheses")
    (project / "words").mkdir()
    path = "../specs/a.circuit" if folder == "words" else "specs/a.circuit"
    for also in (lambda: None, lambda: (project / "specs").write_text("moved")):
        also()
        done = circuitlang("diff", "r1", "r2", path, cwd=project / folder)
        assert done.code == 1, done.err
        assert "90% → 80%" in done.out


def test_a_bare_repository_has_revisions_too(project: Path) -> None:
    bare = project.parent / "bare.git"
    git(project, "push", "--quiet", "--tags", "origin")
    # A folder that the repository has for itself is not that of its files.
    (bare / "specs").mkdir()
    done = circuitlang("diff", "r1", "r2", "specs/a.circuit", cwd=bare)
    assert done.code == 1, done.err
    assert "90% → 80%" in done.out


def test_the_repository_that_the_environment_names_is_meant(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in git's hooks and aliases, which name it from the folder that they run in."""
    monkeypatch.setenv("GIT_DIR", ".git")
    assert circuitlang("diff", "r1", "r2", "specs/a.circuit", cwd=project).code == 1


def test_a_folder_that_is_a_link_today_is_where_it_leads(project: Path) -> None:
    (project / "here").symlink_to("specs")
    assert circuitlang("diff", "r1", "r2", "here/a.circuit", cwd=project).code == 1


def test_a_link_in_a_revision_is_not_followed(project: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Secret\n")
    names = project / "specs" / "words" / "names.txt"
    names.unlink()
    names.symlink_to(secret)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "link")
    wanted = revision("HEAD", project / "specs" / "a.circuit")
    with checked_out(wanted) as (source, folder):
        assert not (folder / "words" / "names.txt").exists()
        found = spec_of(source, folder)
        assert isinstance(found, tuple)
        assert [d.code for d in found[1].findings.diagnostics] == ["missing-file"]


def test_a_revision_without_the_file_says_so(project: Path) -> None:
    wanted = revision("r0", project / "specs" / "gone.circuit")
    with pytest.raises(RevisionError, match="no such file"), checked_out(wanted):
        pass


def recipe(name: str, folder: Path) -> Path:
    """A script of `docs/diff.md`, up to where it shows something, run in a folder; gives a folder
    that has `circuitlang` in it, for the path."""
    page = (Path(__file__).parents[2] / "docs" / "diff.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (block,) = [b for b in blocks if name in b]
    programs = folder.parent / "bin"
    programs.mkdir()
    program = programs / "circuitlang"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m circuitlang.cli "$@"\n')
    program.chmod(0o755)
    lines = block.splitlines()[:-1]
    subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=folder, check=True)
    return programs


def test_the_page_s_difftool_works(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = recipe("difftool", project)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    shown = git(project, "difftool", "--no-prompt", "r1", "r2", "--", "*.circuit")
    assert "90% → 80%" in shown
    assert "weakens" in shown


def test_the_page_s_textconv_works_and_survives_a_broken_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = recipe("textconv", project)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    shown = git(project, "diff", "r1", "r2", "--", "specs/a.circuit")
    assert "-  claim right: accuracy(of=model) >= 90%" in shown
    broken = project / "specs" / "a.circuit"
    broken.write_text(broken.read_text().replace("claim", "clam"))
    assert "clam right" in git(project, "diff", "--", "specs/a.circuit")

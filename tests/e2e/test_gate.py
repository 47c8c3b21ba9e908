"""`circuitlang gate` in clones, and as the hook of a repository to which real pushes are made."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from circuitlang.report.gate.json import schema
from tests.e2e.commands import circuitlang
from tests.e2e.git_project import STRONGER, WEAKER, commit, git, heads, run
from tests.e2e.tiny_project import write_spec

GONE = "specs/tiny.circuit: deleted, and its claims with it\n"
WEAKENS = re.compile(r"threshold +0\.1% → 0\.01% +weakens")


def weakened(clone: Path, branch: str = "weaker") -> None:
    write_spec(clone / "specs", WEAKER)
    commit(clone, branch)


def refused(bare: Path, clone: Path, *arguments: str) -> str:
    """What a push says that changes nothing."""
    before = heads(bare)
    pushed = git("push", *arguments, cwd=clone)
    assert pushed.code == 1
    assert "hook declined" in pushed.err
    assert heads(bare) == before
    return pushed.err


def test_a_branch_that_weakens_a_claim_is_stopped(bare: Path, clone: Path) -> None:
    weakened(clone)
    assert git("push", "origin", "weaker", cwd=clone).code == 0
    there = circuitlang("gate", "origin/main", cwd=clone)
    assert there.code == 1
    assert WEAKENS.search(there.out)
    assert WEAKENS.search(refused(bare, clone, "origin", "weaker:main"))
    here = circuitlang("gate", "main", "weaker", cwd=bare)
    assert (here.code, here.out) == (1, there.out)


def test_a_branch_that_strengthens_a_claim_gets_in(bare: Path, clone: Path) -> None:
    write_spec(clone / "specs", STRONGER)
    commit(clone, "stronger")
    pushed = git("push", "origin", "stronger:main", cwd=clone)
    assert pushed.code == 0, pushed.err
    assert heads(bare)["main"] == git("rev-parse", "HEAD", cwd=clone).out.strip()


def test_going_back_to_an_older_claim_is_stopped(bare: Path, clone: Path) -> None:
    git("branch", "old", cwd=clone)
    write_spec(clone / "specs", STRONGER)
    commit(clone, "main")
    assert git("push", "origin", "main", cwd=clone).code == 0
    assert re.search(r"0\.2% → 0\.1% +weakens", refused(bare, clone, "-f", "origin", "main~1:main"))
    refused(bare, clone, "-f", "origin", "old:main")
    git("checkout", "-q", "--orphan", "unrelated", cwd=clone)
    weakened(clone, "unrelated")
    refused(bare, clone, "-f", "origin", "unrelated:main")


def test_the_first_push_has_to_compile(bare: Path, tmp_path: Path) -> None:
    clone = tmp_path / "first"
    assert git("clone", "-q", bare, clone, cwd=tmp_path).code == 0
    write_spec(clone, ("head a1.h0", "head a1.h"))
    commit(clone, "main")
    assert "error[" in refused(bare, clone, "origin", "main")
    write_spec(clone)
    commit(clone, "main")
    assert git("push", "origin", "main", cwd=clone).code == 0


def test_the_branch_cannot_be_deleted(bare: Path, clone: Path) -> None:
    git("config", "receive.denyDeleteCurrent", "ignore", cwd=bare)
    assert GONE.strip() in refused(bare, clone, "origin", ":main")
    assert git("push", "origin", "main:other", cwd=clone).code == 0
    assert git("push", "origin", ":other", cwd=clone).code == 0


def test_a_hypothesis_cannot_be_deleted_nor_hidden_in_a_new_place(clone: Path) -> None:
    (clone / "specs" / "tiny.circuit").unlink()
    commit(clone, "gone")
    done = circuitlang("gate", "origin/main", cwd=clone)
    assert done.code == 1
    assert done.out.startswith(GONE)
    write_spec(clone / "specs", name="elsewhere.circuit")
    commit(clone, "moved")
    assert circuitlang("gate", "origin/main", cwd=clone).code == 1


def test_a_new_file_has_to_compile(clone: Path) -> None:
    write_spec(clone / "specs", name="second.circuit")
    commit(clone, "new")
    assert circuitlang("gate", "origin/main", cwd=clone).code == 0
    write_spec(clone / "specs", ("head a1.h0", "head a1.h"), name="third.circuit")
    commit(clone, "new")
    done = circuitlang("gate", "origin/main", cwd=clone)
    assert done.code == 2
    assert "--> specs/third.circuit:" in done.out


def test_attributes_change_nothing(bare: Path, clone: Path) -> None:
    """With `export-subst`, `git archive` makes a claim of what is a comment in the commit."""
    write_spec(clone / "specs", ("  claim looks:", "  # $Format:%n$ claim looks:"))
    (clone / ".gitattributes").write_text("*.circuit export-subst\nnames.txt export-ignore\n")
    commit(clone, "commented")
    assert "whole claim" in refused(bare, clone, "origin", "commented:main")


@pytest.mark.parametrize("folder", ["specs", "elsewhere/deep", ".git"])
def test_it_does_not_matter_where_it_runs(clone: Path, folder: str) -> None:
    (clone / "elsewhere" / "deep").mkdir(parents=True)
    weakened(clone)
    done = circuitlang("gate", "origin/main", cwd=clone / folder)
    assert done.code == 1
    assert "B specs/tiny.circuit: tiny" in done.out


def test_a_link_is_refused_and_never_followed(bare: Path, clone: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("edition 1 circuit secret { word }\n")
    (clone / "specs" / "new.circuit").symlink_to(secret)
    commit(clone, "linked")
    said = refused(bare, clone, "origin", "linked:main")
    assert "`specs/new.circuit` is a symbolic link" in said
    assert "word" not in said.replace("names.txt", "")


def test_a_spec_cannot_become_a_link(bare: Path, clone: Path) -> None:
    """Which could be weakened from then on without a change of any spec."""
    spec = clone / "specs" / "tiny.circuit"
    spec.rename(clone / "specs" / "tiny.txt")
    spec.symlink_to("tiny.txt")
    commit(clone, "linked")
    said = refused(bare, clone, "origin", "linked:main")
    assert GONE.strip() in said
    assert "is a symbolic link" in said


def test_a_word_list_cannot_be_taken_from_a_spec(bare: Path, clone: Path) -> None:
    (clone / "specs" / "names.txt").unlink()
    commit(clone, "wordless")
    said = refused(bare, clone, "origin", "wordless:main")
    assert "error[missing-file]" in said
    (clone / "specs" / "names.txt").write_text("Ann\nBen\nCid\n")
    commit(clone, "other-words")
    assert "error[digest-mismatch]" in refused(bare, clone, "origin", "other-words:main")


def test_what_is_invalid_in_main_can_be_mended(bare: Path, clone: Path) -> None:
    hook = bare / "hooks" / "update"
    hook.rename(hook.with_name("off"))
    write_spec(clone / "specs", ("head a1.h0", "head a1.h"))
    commit(clone, "main")
    assert git("push", "origin", "main", cwd=clone).code == 0
    hook.with_name("off").rename(hook)
    write_spec(clone / "specs")
    commit(clone, "main")
    pushed = git("push", "origin", "main", cwd=clone)
    assert pushed.code == 0
    assert "taken as new, for in " in pushed.err


# --- revisions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["nothing", "--help", "$(touch broken)", "", "HEAD:specs"])
def test_a_revision_that_is_none_does_not_pass(clone: Path, revision: str) -> None:
    done = circuitlang("gate", "--", revision, cwd=clone)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: git knows no revision `{revision}`\n  = help: `git fetch`")
    assert not (clone / "broken").exists()


def test_without_a_base_nothing_passes(clone: Path) -> None:
    done = circuitlang("gate", cwd=clone)
    assert done.code == 2
    assert "Missing argument 'BASE'" in done.err


def test_outside_of_a_repository(tmp_path: Path, programs: None) -> None:
    done = circuitlang("gate", "main", cwd=tmp_path)
    assert done.code == 2
    assert "error: git cannot answer: not a git repository" in done.err


def test_a_shallow_clone_is_told_to_fetch(bare: Path, clone: Path, tmp_path: Path) -> None:
    write_spec(clone / "specs", STRONGER)
    commit(clone, "main")
    weakened(clone)
    assert git("push", "origin", "main", "weaker", cwd=clone).code == 0
    shallow = tmp_path / "shallow"
    depth = ("--depth", "1", "--no-single-branch")
    assert git("clone", "-q", *depth, bare.as_uri(), shallow, cwd=tmp_path).code == 0
    for revision, said in (("v1", "knows no revision"), ("origin/weaker", "no history in common")):
        done = circuitlang("gate", revision, cwd=shallow)
        assert done.code == 2
        assert said in done.err
        assert "`git fetch --unshallow`, or `fetch-depth: 0`" in done.err


# --- formats -----------------------------------------------------------------------------------


def test_for_machines(clone: Path) -> None:
    weakened(clone)
    done = circuitlang("gate", "origin/main", "--format", "json", cwd=clone)
    record = json.loads(done.out)
    jsonschema.Draft202012Validator(schema()).validate(record)
    assert record["exit_code"] == done.code == 1
    (file,) = record["files"]
    assert file["path"] == "specs/tiny.circuit"
    assert [change["path"] for change in file["changes"]] == ["claim/looks/threshold"]


def test_for_github(clone: Path) -> None:
    weakened(clone)
    done = circuitlang("gate", "origin/main", "--format", "github", cwd=clone)
    line = (clone / "specs" / "tiny.circuit").read_text().split("claim looks")[0].count("\n") + 1
    assert done.code == 1
    assert done.out.startswith(f"::error file=specs/tiny.circuit,line={line},col=1,")
    assert "title=weaker%3A claim looks::threshold: 0.1%25 → 0.01%25\n" in done.out


def test_where_there_is_no_spec_that_is_said(clone: Path) -> None:
    done = run("circuitlang", "gate", "HEAD", "--files", "spec/*.circuit", cwd=clone)
    assert done.code == 0
    assert done.out.endswith(": none, neither then nor now\n")

"""A project under git, and the programs as somebody else's CI runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import Outcome

ROOT = Path(__file__).parents[2]

WEAKER = (">= 0.1%", ">= 0.01%")
STRONGER = (">= 0.1%", ">= 0.2%")


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git without this user's settings, and `circuitlang` on the path as this checkout has it."""
    shims = folder / "bin"
    shims.mkdir()
    shim = shims / "circuitlang"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m circuitlang.cli "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a reader")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "reader@example.org")


def run(*command: object, cwd: Path, **variables: object) -> Outcome:
    environment = os.environ | {name: str(value) for name, value in variables.items()}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def git(*arguments: object, cwd: Path) -> Outcome:
    return run("git", *arguments, cwd=cwd)


def commit(clone: Path, branch: str) -> None:
    git("checkout", "-q", "-B", branch, cwd=clone)
    assert git("add", "-A", cwd=clone).code == 0
    done = git("commit", "-q", "-m", branch, cwd=clone)
    assert done.code == 0, done.err


def heads(bare: Path) -> dict[str, str]:
    lines = git("for-each-ref", "--format=%(refname:short) %(objectname)", cwd=bare).out
    return dict(line.split() for line in lines.splitlines())

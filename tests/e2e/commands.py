"""The program as a user runs it: a process of its own, its output and its exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SPECS = Path(__file__).parents[2] / "specs"


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def circuitlang(*arguments: object, cwd: Path | None = None) -> Outcome:
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "circuitlang.cli", *map(str, arguments)]


def copy_of(spec: str, folder: Path, *changes: tuple[str, str]) -> Path:
    """A spec beside copies of its word lists, with some of its text replaced."""
    shutil.copytree(SPECS / "words", folder / "words", dirs_exist_ok=True)
    text = (SPECS / spec).read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / Path(spec).name
    path.write_text(text)
    return path

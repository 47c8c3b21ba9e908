"""The program as a user runs it: a process of its own, its output and its exit code.

Processes are forked off a server that has imported torch and transformers: that takes seconds, and
a hundred tests start one. `tests/test_rooms.py` and `tests/e2e/test_ci.py` start the interpreter.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from circuitlang.cli import main

SPECS = Path(__file__).parents[2] / "specs"

_SERVER = get_context("forkserver")
_SERVER.set_forkserver_preload(["circuitlang.cli", "circuitlang.pipeline.verify"])


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class Program:
    """The program, started."""

    def __init__(self, *arguments: object, cwd: Path | None = None) -> None:
        self._folder = TemporaryDirectory()
        self._written = tuple(Path(self._folder.name) / name for name in ("out", "err"))
        self.process: ForkServerProcess = _SERVER.Process(
            target=_run,
            args=(
                tuple(map(str, arguments)),
                cwd or Path.cwd(),
                os.environ | {"NO_COLOR": "1"},
                self._written,
            ),
        )
        self.process.start()

    @property
    def running(self) -> bool:
        return self.process.is_alive()

    def signal(self, number: int) -> None:
        """Sends a signal, if there is still somebody to get it."""
        assert self.process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def outcome(self) -> Outcome:
        self.process.join()
        assert self.process.exitcode is not None
        out, err = (path.read_text() if path.exists() else "" for path in self._written)
        self._folder.cleanup()
        return Outcome(self.process.exitcode, out, err)


def circuitlang(*arguments: object, cwd: Path | None = None) -> Outcome:
    return Program(*arguments, cwd=cwd).outcome()


def wait_until_measuring(program: Program, cache: Path, parcels: int = 1) -> None:
    """Waits until the program has kept so many parcels of numbers in the cache."""
    while len(list((cache / "parcels").glob("*/*.f64"))) < parcels:
        assert program.running, program.outcome().err
        time.sleep(0.02)


def _run(
    arguments: tuple[str, ...], cwd: Path, environment: Mapping[str, str], written: tuple[Path, ...]
) -> None:
    """What the new process does."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for number, path in enumerate(written, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["circuitlang", *arguments]
    main()


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

"""`circuitlang cache`."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from circuitlang.cli import cli
from circuitlang.store.store import Store

KEY = hashlib.sha256(b"a").digest()


def cache(*arguments: object) -> str:
    done = CliRunner().invoke(cli, ["cache", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def test_nothing_is_kept_and_nothing_is_made(tmp_path: Path) -> None:
    assert cache(tmp_path) == f"{tmp_path / '.circuitlang'}: nothing is kept\n"
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_and_how_it_is_cleared(tmp_path: Path) -> None:
    with closing(Store(tmp_path / ".circuitlang")) as store:
        store.keep([KEY], [KEY, KEY], [[1.0, 2.0]])
    spec = tmp_path / "specs" / "a.circuit"
    assert f"{tmp_path / '.circuitlang'}: 2 numbers, " in cache(spec)
    assert cache(tmp_path, "--clear").endswith(": cleared\n")
    assert ": 0 numbers, " in cache(tmp_path)

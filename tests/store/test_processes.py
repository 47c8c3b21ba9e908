"""Several processes write to one store, and one of them is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from circuitlang.store.store import Store
from tests.store.test_store import EXAMPLES, A, B

WRITER = """
import hashlib, sys
from pathlib import Path
from circuitlang.store.store import Store

folder, batches = Path(sys.argv[1]), int(sys.argv[2])
store = Store(folder)
requests = [hashlib.sha256(name).digest() for name in (b"a", b"b")]
for i in range(batches):
    examples = [hashlib.sha256(f"{i}/{j}".encode()).digest() for j in range(3)]
    store.find({requests[0]: tuple(examples)})
    store.keep(requests, examples, [[i, i + 1, i + 2], [-i, 0.5, 1.5]])
sys.exit("; ".join(problem.message for problem in store.problems()) or 0)
"""
BATCHES = 60


def writer(folder: Path, batches: int = BATCHES) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(batches)], stderr=subprocess.PIPE, text=True
    )


def test_they_neither_fail_nor_write_twice(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    for process in [writer(folder) for _ in range(3)]:
        _, err = process.communicate()
        assert (process.returncode, err) == (0, "")
    with closing(Store(folder)) as store:
        assert store.numbers() == BATCHES * 6
        assert store.problems() == ()


def test_a_kill_leaves_whole_batches(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    process = writer(folder, 100_000)
    while len(list(folder.glob("parcels/*/*.f64"))) < 20:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    with closing(Store(folder)) as store:
        numbers = store.numbers()
        assert numbers >= 6 * 19
        assert numbers % 6 == 0
        store.keep([A, B], EXAMPLES[:2], [[1.0, 2.0], [3.0, 4.0]])
        assert store.numbers() == numbers + 4
        assert store.problems() == ()

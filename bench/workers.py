"""Worker processes: one of ours, one for each peer, each with a model that is loaded once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from bench.protocol import Json

ROOT = Path(__file__).parent.parent


class WorkerError(RuntimeError):
    """A worker did not start, died, or raised; the message is what it said."""


class Answer(NamedTuple):
    """``once`` is what a peer has to do a single time, however many variants it is asked for;
    ``peak_mb`` is the process's, ``work_mb`` how far this request went above what was resident."""

    seconds: float
    values: list[list[float]]
    once: float
    peak_mb: float
    work_mb: float
    flops: float | None


class Environment(NamedTuple):
    """``peers`` holds the checkouts of the peers that are on no index; ``log`` takes what the
    workers print."""

    folder: Path
    python: Path
    peers: Path
    log: Path
    threads: int


class Worker:
    """A process that answers one request at a time."""

    def __init__(self, command: Sequence[str], environment: Environment) -> None:
        paths = [ROOT, environment.peers / "EAP-IG" / "src", environment.peers / "path_patching"]
        variables = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": str(environment.threads),
            "HF_HUB_OFFLINE": "1",
            "TQDM_DISABLE": "1",
        }
        with environment.log.open("a") as log:
            self.process = subprocess.Popen(
                [*command, str(environment.threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=variables,
            )
        self._read()

    def ask(self, operation: str, **arguments: Any) -> Answer:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"op": operation, **arguments}) + "\n")
        self.process.stdin.flush()
        found = self._read()
        return Answer(
            found["seconds"],
            found["values"],
            found.get("once", 0.0),
            found["peak_mb"],
            found["work_mb"],
            found.get("flops"),
        )

    def _read(self) -> Json:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"the worker ended with status {self.process.wait()}")
        answer: Json = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _raised: Any, _trace: TracebackType | None
    ) -> None:
        self.close()


def ours(model: str, environment: Environment) -> Worker:
    folder = environment.folder / model
    return Worker([sys.executable, "-m", "bench.ours", str(folder)], environment)


def peer(name: str, model: str, environment: Environment) -> Worker:
    folder = environment.folder / model
    command = [str(environment.python), "-m", "bench.peers.worker", name, str(folder)]
    return Worker(command, environment)

"""Two processes that talk in lines of JSON: the runner asks, a worker answers.

Imported in both environments, so nothing but the standard library is used.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]


class Measured(NamedTuple):
    """``seconds`` of the work alone; ``values`` are its numbers, one list a variant."""

    seconds: float
    values: list[list[float]]
    extra: Mapping[str, Any] = {}


Operation = Callable[..., Measured]


def timed(work: Callable[[], list[list[float]]]) -> Measured:
    started = time.perf_counter()
    values = work()
    return Measured(time.perf_counter() - started, values)


def peak_mb() -> float:
    """The most memory that this process has had resident, in 10⁶ bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def resident_mb() -> float:
    """What is resident now, in 10⁶ bytes; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 1e6


def serve(operations: Mapping[str, Operation]) -> None:
    """Answers requests from standard input until it closes. What libraries print goes to standard
    error, so that answers stay alone on standard output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    print(json.dumps({"ready": sorted(operations)}), file=answers, flush=True)
    for line in sys.stdin:
        request: Json = json.loads(line)
        before = resident_mb()
        try:
            found = operations[request.pop("op")](**request)
            peak = peak_mb()
            answer = {"seconds": found.seconds, "values": found.values, "peak_mb": peak}
            answer |= {"work_mb": peak - before, **found.extra}
        except Exception:  # whatever a library raises is the runner's to report
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)

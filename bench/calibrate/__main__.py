"""How often intervals and verdicts are right: `python -m bench.calibrate [--quick] [--resume]`.

Exit status: 0 when every promised row keeps its bounds but those that are known to miss, else 1.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from platform import python_version

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.calibrate.cases import KNOWN_MISSES, Case, cases
from bench.calibrate.results import CONFIDENCE, Row, measure, read_rows, show, verdict_of, write
from bench.calibrate.trials import RESAMPLES

RESULTS = Path(__file__).parents[1] / "results" / "calibration.json"
SIMULATIONS, QUICK, SEED = 2000, 200, 20261123


def main() -> None:
    options = _options()
    simulations = QUICK if options.quick else options.simulations
    about = {
        "what": "how often 95% intervals hold the truth, and claims pass that sit on their bound",
        "made_by": "python -m bench.calibrate",
        "date": date.today().isoformat(),
        "seed": options.seed,
        "simulations": simulations,
        "confidence": CONFIDENCE,
        "resamples": RESAMPLES,
        "versions": {"python": python_version()}
        | {name: version(name) for name in ("numpy", "scipy")},
    }
    chosen = [case for case in cases() if re.search(options.rows, case.key)]
    done: dict[str, Row] = {}
    if options.resume:
        before, rows = read_rows(options.results)
        if before.get("seed") == options.seed and before.get("simulations") == simulations:
            done = {row["key"]: row for row in rows}
    waiting = [case for case in chosen if case.key not in done]
    console = Console(width=None if os.isatty(1) else 170)
    try:
        for key, row in _measured(waiting, simulations, options, console):
            done[key] = row
            write(options.results, about, _in_order(done))
    except KeyboardInterrupt:
        console.print(f"stopped: {options.results} has {len(done)} rows; --resume goes on")
        raise SystemExit(130) from None
    found = [done[case.key] for case in chosen]
    show(console, found)
    missing = {row["key"] for row in found if verdict_of(row).startswith("misses")}
    known = missing & KNOWN_MISSES.keys()
    console.print(
        f"{options.results}: {len(done)} rows, {len(missing)} miss their bounds, "
        f"{len(known)} of them for reasons that are known"
    )
    raise SystemExit(1 if missing - known else 0)


def _measured(
    waiting: Sequence[Case], simulations: int, options: argparse.Namespace, console: Console
) -> Iterator[tuple[str, Row]]:
    """Rows as they are done, in any order, from as many processes as asked for."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        Progress(*columns, TimeElapsedColumn(), console=console) as progress,
        _pool(options.processes) as pool,
    ):
        task = progress.add_task("calibrating", total=len(waiting))
        running = {
            pool.submit(measure, case.key, simulations, options.seed): case for case in waiting
        }
        for future in as_completed(running):
            case = running[future]
            yield case.key, future.result()
            progress.update(task, advance=1, description=f"{case.measure}, n = {case.n}")


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Ends its processes with what waits undone, when one presses Ctrl-C."""
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(done: dict[str, Row]) -> list[Row]:
    return [done[case.key] for case in cases() if case.key in done]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} simulations a row")
    parser.add_argument("--resume", action="store_true", help="only rows that the file lacks")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only rows that match")
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    if options.results is None:
        options.results = RESULTS
        if options.quick or options.rows or options.simulations != SIMULATIONS:
            options.results = Path(".bench") / "calibration.json"
    # One thread a process: the matrix products are small, and the processes are the cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return options


if __name__ == "__main__":
    main()

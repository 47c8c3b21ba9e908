"""Side by side with the peers: `python -m bench [--rows PATTERN] [--rounds N] [--quick | --slow]`.

Exit status: 0 when every row's numbers agree, 1 when some do not, 2 when a row could not be run.
A floor that is not reached is marked in the table and in the results, and changes no status.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console

from bench.compare import Say, Sides, compare, compare_memory, same_logits
from bench.machine import hardware
from bench.models import prepare
from bench.protocol import Json
from bench.results import key_of, read_rows, show, write
from bench.rows import Row, rows
from bench.workers import ROOT, Environment, Worker, WorkerError, ours, peer


def main() -> None:
    options = _options()
    folder = options.folder
    folder.mkdir(exist_ok=True)
    peers = Path(os.environ.get("CIRCUITLANG_PEERS", folder / "peers"))
    log = folder / "workers.log"
    log.unlink(missing_ok=True)
    environment = Environment(folder, options.peers_python, peers, log, options.threads)
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    chosen = _chosen(options)
    done = read_rows(options.results) if options.resume or options.rows else []
    if options.resume:
        chosen = [row for row in chosen if row.key not in map(key_of, done)]
    about: Json = {"date": date.today().isoformat(), "hardware": hardware(options.threads)}
    failed, measured = 0, list[Json]()
    bench = Bench(environment, console)
    for number, row in enumerate(chosen, 1):
        console.print(f"[{number}/{len(chosen)}] {row.name}", style="dim", highlight=False)
        try:
            found = bench.run(row) | {"threads": options.threads}
        except (WorkerError, ValueError) as error:
            console.print(f"could not be run: {error}", style="red", highlight=False)
            bench.close()
            failed += 1
            continue
        measured.append(found)
        done = [one for one in done if key_of(one) != row.key] + [found]
        write(options.results, about, _in_order(done))
    bench.close()
    show(console, measured)
    console.print(f"{options.results}: {len(done)} rows; what the workers said is in {log}")
    differ = sum(not row["agree"] for row in measured)
    raise SystemExit(1 if differ else 2 if failed else 0)


class Bench:
    """Keeps the workers of the last row for the next: loading a model takes seconds."""

    def __init__(self, environment: Environment, console: Console) -> None:
        self.environment, self.console = environment, console
        self.open: dict[tuple[str, str], Worker] = {}

    def run(self, row: Row) -> Json:
        _, path = prepare(row.model, row.examples, self.environment.folder)
        task = json.loads(path.read_text())
        if row.measures == "memory":
            self.close()
            with (
                ours(row.model, self.environment) as mine,
                peer(row.worker, row.model, self.environment) as theirs,
                self._saying() as say,
            ):
                return compare_memory(row, Sides(mine, theirs, str(path), task), say)
        with self._saying() as say:
            say("loading the model")
            sides = Sides(*self._workers(row), str(path), task)
            return compare(row, sides, say)

    def close(self) -> None:
        for worker in self.open.values():
            worker.close()
        self.open = {}

    def _workers(self, row: Row) -> tuple[Worker, Worker]:
        """Ours and the peer's; others are closed. A new peer must show that its model is ours."""
        wanted = [("ours", row.model), (row.worker, row.model)]
        for key in [key for key in self.open if key not in wanted]:
            self.open.pop(key).close()
        if wanted[0] not in self.open:
            self.open[wanted[0]] = ours(row.model, self.environment)
        mine = self.open[wanted[0]]
        if wanted[1] not in self.open:
            theirs = peer(row.worker, row.model, self.environment)
            self.open[wanted[1]] = theirs
            _, path = prepare(row.model, 16, self.environment.folder)
            apart = same_logits(Sides(mine, theirs, str(path), {}))
            self.console.print(f"  {row.worker}: every logit within {apart:.0e}", style="dim")
        return mine, self.open[wanted[1]]

    @contextmanager
    def _saying(self) -> Iterator[Say]:
        with self.console.status("") as status:
            yield status.update


def _chosen(options: argparse.Namespace) -> Sequence[Row]:
    """Those asked for, slow ones only by ``--slow`` or by a pattern that matches them."""
    pattern, rounds = options.rows, options.rounds
    found = [row for row in rows() if options.slow or pattern or not row.slow]
    if options.quick:
        found = [row for row in found if row.model == "gpt2-shape" and row.examples == 16]
        rounds = rounds or 1
    if pattern:
        found = [row for row in found if re.search(pattern, row.name)]
    if not found:
        raise SystemExit(f"no row matches `{pattern}`")
    if rounds:
        found = [row._replace(rounds=rounds) for row in found]
    return found


def _in_order(found: Sequence[Json]) -> list[Json]:
    """As in the table, whatever order they were run in; rows that the table lost are dropped."""
    order = {row.key: i for i, row in enumerate(rows())}
    return sorted(
        (one for one in found if key_of(one) in order), key=lambda one: order[key_of(one)]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Side by side with the peers."
    )
    parser.add_argument("--rows", metavar="PATTERN", help="only rows whose name matches")
    parser.add_argument("--rounds", type=int, help="as many runs of each side in every row")
    parser.add_argument("--quick", action="store_true", help="one model, 16 prompts, one round")
    parser.add_argument("--slow", action="store_true", help="also the rows that take minutes")
    parser.add_argument("--resume", action="store_true", help="only rows that are not there yet")
    parser.add_argument("--threads", type=int, default=2, help="of each side")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results/latest.json")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="models and tasks")
    parser.add_argument("--peers-python", type=Path, default=ROOT / ".venv-peers/bin/python")
    return parser.parse_args()


if __name__ == "__main__":
    main()

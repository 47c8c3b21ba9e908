"""The wrong hypotheses of specs/wrong, each verified with five seeds: does every claim get the
verdict that specs/wrong/verdicts.json says it must get?

    python -m bench.wrong [--seeds N]

Exit code 1 where one does not. Numbers go to bench/results/wrong.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.model.opened import Models
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.verify import verify_file
from circuitlang.report.blocked import Blocked
from circuitlang.report.write import write_whole

ROOT = Path(__file__).parents[1]
WRONG = ROOT / "specs" / "wrong"
RESULTS = ROOT / "bench" / "results" / "wrong.json"


def demanded() -> dict[str, dict[str, str]]:
    """For each spec, the verdict that each of its claims must get."""
    found: dict[str, dict[str, str]] = json.loads((WRONG / "verdicts.json").read_text("utf-8"))
    return found


def rows(name: str, seed: int | None, models: Models) -> Iterator[dict[str, Any]]:
    """One row a claim of a spec, under its own seed where ``seed`` is None. Raises RuntimeError
    where the spec cannot be verified."""
    report = verify_file(WRONG / f"{name}.circuit", Options(seed=seed), models=models)
    if isinstance(report, Blocked):
        raise RuntimeError(f"{name}: {report.findings.diagnostics[0].message}")
    for verdict in report.verdicts:
        estimate = verdict.estimate
        yield {
            "spec": name,
            "claim": verdict.claim.name,
            "seed": report.circuit.policy.seed,
            "n": verdict.n,
            "estimate": None if estimate is None else estimate.value,
            "interval": None if estimate is None else list(estimate.interval),
            "verdict": verdict.outcome,
            "demanded": demanded()[name][verdict.claim.name],
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(1, parser.parse_args().seeds + 1)
    models = Models()
    found = []
    for name in demanded():
        for seed in seeds:
            for row in rows(name, seed, models):
                found.append(row)
                right = "" if row["verdict"] == row["demanded"] else f"  NOT {row['demanded']}"
                shown = "" if row["estimate"] is None else f"{row['estimate']:8.1%}"
                label = f"{name}.{row['claim']}"
                print(f"  {label:34} seed {seed}  {shown:8}  {row['verdict']}{right}", flush=True)
    wrong = [row for row in found if row["verdict"] != row["demanded"]]
    record = {"date": date.today().isoformat(), "seeds": list(seeds), "rows": found}
    write_whole(RESULTS, json.dumps(record, indent=1) + "\n")
    print(f"{len(found) - len(wrong)} of {len(found)} verdicts are those demanded")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

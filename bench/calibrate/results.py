"""Rows: from counts to rates with intervals, a file for machines and a table for people."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.calibrate.cases import FIRST_LOOK, LAST_LOOK, Case, cases, populations
from bench.calibrate.trials import Tally, run, true_claims
from circuitlang.report.write import write_whole
from circuitlang.score.bootstrap import proportion_interval
from circuitlang.score.verdict import Interval

Row = dict[str, Any]

CONFIDENCE = 0.95
# What promised rows are held to from 100 examples on.
LEAST, MOST, FALSE_PASS, FAMILY = 0.94, 0.96, 0.025, 0.05
# Some two hundred rates are compared with these: of as many that keep them, one is found beyond
# at this confidence in one run of ten.
SURE = 0.9995
# Where an interval is that of a minimum, a maximum or a size, or an exact one: it may cover more.
WIDER = ("accuracy", "minimality", "completeness", "faithfulness(as=gap)")


def measure(key: str, simulations: int, seed: int) -> Row:
    """One row; named by its key, because a measure's call cannot be sent to a process."""
    case = next(case for case in cases() if case.key == key)
    started = time.perf_counter()
    tally = run(case, max(1, round(simulations * case.share)), seed)
    return {"key": case.key, **row_of(case, tally, time.perf_counter() - started)}


def row_of(case: Case, tally: Tally, seconds: float) -> Row:
    """``coverage`` is of the simulations that gave an estimate; the others are ``void``, and count
    as not passing in ``false_pass`` and ``power``. ``false_pass`` is the largest of ``by_rule``,
    each with its exact binomial interval; ``mc_error`` is the standard error of the coverage, of
    the false passes where there is none."""
    n, family = tally.simulations, case.rule == "family"
    by_rule = _by_rule(tally, n, family)
    worst = max(by_rule.values(), key=lambda found: float(found["rate"]))
    tried = n * true_claims(populations()[case.population]) if family else n
    power = _rate(tally.passed["true"], tried)
    coverage = None if family else _rate(tally.covered, tally.estimated)
    of = coverage or worst
    return {
        "measure": "family of nine" if family else str(case.measure),
        "estimator": _estimator(case),
        "population": case.population,
        "n": case.n,
        "templates": case.templates,
        "coverage": coverage and coverage["rate"],
        "false_pass": worst["rate"],
        "power": power["rate"],
        "mc_error": round(_error(of["rate"], tally.estimated if coverage else n), 5),
        "intervals": {
            "coverage": coverage and coverage["interval"],
            "false_pass": worst["interval"],
            "power": power["interval"],
        },
        "by_rule": by_rule,
        "missed": None
        if family
        else {
            "above": round(tally.above / max(tally.estimated, 1), 5),
            "below": round(tally.below / max(tally.estimated, 1), 5),
        },
        "void": round(1 - tally.estimated / n, 5),
        "claimed": None if family else f"{case.comparator} within {case.margin:g} of the truth",
        "truth": None if tally.truth is None else float(f"{tally.truth:.6g}"),
        "known": populations()[case.population].known,
        "simulations": n,
        "promised": case.promised,
        "seconds": round(seconds, 1),
    }


def verdict_of(row: Row) -> str:
    """``kept``, or what a promised row of 100 examples or more does not keep; a rate misses its
    bound where the whole of its interval at `SURE` does. ``shown`` where nothing is promised."""
    if not row["promised"] or row["n"] < 100:
        return "shown"
    n, missed = row["simulations"], []
    if row["coverage"] is not None and row["estimator"] == "interval":
        low, high = _surely(row["coverage"], round(n * (1 - row["void"])))
        wider = row["measure"].startswith(WIDER) or "over=min" in row["measure"]
        if high < LEAST or (low > MOST and not wider):
            missed.append("coverage")
    bound = FAMILY if row["coverage"] is None else FALSE_PASS
    if _surely(row["false_pass"], n).low > bound:
        missed.append("false pass")
    return "misses " + ", ".join(missed) if missed else "kept"


def _surely(rate: float, n: int) -> Interval:
    return proportion_interval(round(rate * n), n, SURE)


def write(path: Path, about: Mapping[str, Any], rows: Sequence[Row]) -> None:
    head = json.dumps(about, indent=2, ensure_ascii=False)[:-2]
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f'{head},\n  "rows": [\n{lines}\n  ]\n}}\n')


def read_rows(path: Path) -> tuple[Mapping[str, Any], list[Row]]:
    if not path.exists():
        return {}, []
    found = json.loads(path.read_text(encoding="utf-8"))
    return found, list(found["rows"])


def show(console: Console, rows: Sequence[Row]) -> None:
    table = Table(box=None, pad_edge=False, title_justify="left")
    for name in ("measure", "population", "rule"):
        table.add_column(name)
    for name in ("n", "templates", "coverage", "false pass", "power", "± mc", "void"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for row in rows:
        table.add_row(
            row["measure"],
            row["population"],
            row["estimator"],
            str(row["n"]),
            str(row["templates"]),
            _percent(row["coverage"]),
            _percent(row["false_pass"]),
            _percent(row["power"]),
            _percent(row["mc_error"]),
            _percent(row["void"]) if row["void"] else "",
            verdict_of(row),
        )
    console.print(table)


def _by_rule(tally: Tally, n: int, family: bool) -> Mapping[str, Mapping[str, Any]]:
    if family:
        return {"any of six": _rate(tally.passed["any null"], n)}
    near = max(tally.passed["~= 0"], tally.passed["~= 1"])
    return {
        ">=": _rate(tally.passed[">= 0"], n),
        "<=": _rate(tally.passed["<= 0"], n),
        "~=": _rate(near, n),
    }


def _estimator(case: Case) -> str:
    match case.rule:
        case "interval":
            return "interval"
        case "looks":
            return f"looks from {FIRST_LOOK} to {LAST_LOOK} examples"
        case "family":
            return "Holm over a file"


def _rate(hits: int, n: int) -> dict[str, Any]:
    if n == 0:
        return {"rate": 0.0, "interval": [0.0, 1.0]}
    low, high = proportion_interval(hits, n, CONFIDENCE)
    return {"rate": round(hits / n, 5), "interval": [round(low, 5), round(high, 5)]}


def _error(rate: float, n: int) -> float:
    return math.sqrt(rate * (1 - rate) / n) if n else 1.0


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.1f} %"

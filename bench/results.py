"""What is left of a run: `latest.json` for machines, a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.models import MODELS
from bench.protocol import Json
from bench.rows import Key


def key_of(row: Json) -> Key:
    """What tells a row from the others."""
    return row["work"], row["peer"], row["model"], row["examples"]


def read_rows(path: Path) -> list[Json]:
    if not path.exists():
        return []
    found: list[Json] = json.loads(path.read_text())["rows"]
    return found


def write(path: Path, about: Json, rows: Sequence[Json]) -> None:
    """Whole or not at all: a run that is killed keeps what it had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_text(json.dumps(about | {"rows": list(rows)}, indent=2) + "\n")
    scratch.replace(path)


def show(console: Console, rows: Sequence[Json]) -> None:
    for model, bench in MODELS.items():
        listed = [row for row in rows if row["model"] == model]
        if listed:
            console.print(_table(bench.label, listed))


def _table(title: str, rows: Sequence[Json]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("work", min_width=32)
    table.add_column("against", min_width=20)
    table.add_column("prompts", justify="right")
    for name in ("ratio", "min-max", "floor", "", "ours", "peer", "of peak", "differ", "load"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        unit = "MB" if row["measures"] == "memory" else "s"
        ours, peer = (
            (row["peak_mb_ours"], row["peak_mb_peer"])
            if row["measures"] == "memory"
            else (f"{row['seconds_ours']:.3g}", f"{row['seconds_peer']:.3g}")
        )
        table.add_row(
            row["work"],
            row["peer"],
            str(row["examples"]),
            f"{row['ratio_median']:.4g}",
            f"{row['ratio_min']:.3g}-{row['ratio_max']:.3g}",
            f"{row['floor']:g}",
            _verdict(row),
            f"{ours} {unit}",
            f"{peer} {unit}" + (" *" if "scaled" in row else ""),
            f"{row['share_of_peak']:.0%}" if "share_of_peak" in row else "",
            "NaN" if row["max_difference"] is None else f"{row['max_difference']:.0e}",
            f"{row['load']:.1f}",
        )
    table.caption = (
        "* scaled from a share of the work; differ: the largest difference of any number"
    )
    table.caption_justify = "left"
    return table


def _verdict(row: Json) -> str:
    if not row["agree"]:
        return "[red]numbers differ[/red]"
    return "[green]reached[/green]" if row["reached"] else "[yellow]short[/yellow]"

"""What of a claim's numbers came out of the cache, and why the rest was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from circuitlang.report.table import aligned


@dataclass(frozen=True)
class Reuse:
    """``needed`` counts a claim's numbers, one for each request and example; ``found`` those that
    were in the cache. ``reasons`` say why the others were not."""

    found: int
    needed: int
    reasons: tuple[str, ...] = ()

    @property
    def status(self) -> Literal["cached", "partly", "measured"]:
        if self.found == self.needed:
            return "cached"
        return "partly" if self.found else "measured"


def reuse_line(reuse: Mapping[str, Reuse]) -> tuple[str, ...]:
    """A line for the head of a report; none where nothing came out of the cache."""
    cached = [name for name, use in reuse.items() if use.status == "cached"]
    if not any(use.found for use in reuse.values()):
        return ()
    if len(cached) == len(reuse):
        return ("  cached: every claim; nothing was run",)
    partly = sum(use.status == "partly" for use in reuse.values())
    also = f", and {partly} in part" if partly else ""
    return (f"  cached: {len(cached)} of {len(reuse)} claims{also}",)


def reuse_table(reuse: Mapping[str, Reuse]) -> list[str]:
    """What `--explain` shows: a line a claim."""
    rows = [
        (f"  {name}", use.status, f"{use.found:,} of {use.needed:,}", "; ".join(use.reasons))
        for name, use in reuse.items()
    ]
    return ["numbers found in the cache, and why others were measured:", *aligned(rows)]

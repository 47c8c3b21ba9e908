"""One row: runs that take turns, numbers that must agree, and the ratio of the two sides."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from bench.machine import load_average
from bench.protocol import Json
from bench.rows import Row
from bench.workers import Answer, Worker

Say = Callable[[str], None]


class Sides(NamedTuple):
    """The two workers of a row, the task's file and what is in it."""

    ours: Worker
    peer: Worker
    path: str
    task: Json


class Turn(NamedTuple):
    """One peer's run between two of ours. ``seconds`` are scaled to all of the work."""

    seconds: float
    ours: float
    apart: float
    largest: float


def compare(row: Row, sides: Sides, say: Say) -> Json:
    """A row of the results."""
    turns: list[Turn] = []
    request = row.does.ours(sides.task)
    say("ours")
    before = _ask(sides.ours, request, sides.path)
    scale = 1.0
    for turn in range(row.rounds):
        part = row.does.part(sides.task, turn, row.rounds)
        scale = part.scale
        say(f"round {turn + 1} of {row.rounds}, the peer")
        theirs = _ask(sides.peer, part.request, sides.path)
        after = before
        if not row.ours_once:
            say(f"round {turn + 1} of {row.rounds}, ours")
            after = _ask(sides.ours, request, sides.path)
        picked = [after.values[i][: part.columns] for i in part.rows]
        apart, largest = _apart(picked, theirs.values)
        seconds = theirs.once + theirs.seconds * part.scale
        turns.append(Turn(seconds, (before.seconds + after.seconds) / 2, apart, largest))
        before = after
    found = _ratios(row, [one.seconds / one.ours for one in turns]) | _agreement(row, turns)
    found["seconds_ours"] = round(statistics.median(one.ours for one in turns), 4)
    found["seconds_peer"] = round(statistics.median(one.seconds for one in turns), 3)
    if scale > 1:
        found["scaled"] = f"the peer did 1/{scale:.3g} of the work in each round"
    if before.flops:
        found |= _share(before.flops, found["seconds_ours"], sides)
    return found


def compare_memory(row: Row, sides: Sides, say: Say) -> Json:
    """The same work once on each side, in workers that have done nothing else."""
    part = row.does.part(sides.task, 0, 1)
    say("ours")
    mine = _ask(sides.ours, row.does.ours(sides.task), sides.path)
    say("the peer")
    theirs = _ask(sides.peer, part.request, sides.path)
    apart, largest = _apart([mine.values[i][: part.columns] for i in part.rows], theirs.values)
    found = _ratios(row, [theirs.peak_mb / mine.peak_mb])
    found |= _agreement(row, [Turn(0, 0, apart, largest)])
    found |= {"peak_mb_ours": round(mine.peak_mb), "peak_mb_peer": round(theirs.peak_mb)}
    return found | {
        "above_model_mb_ours": round(mine.work_mb),
        "above_model_mb_peer": round(theirs.work_mb),
    }


def same_logits(sides: Sides, prompts: int = 4, tolerance: float = 1e-4) -> float:
    """The largest difference of any logit. Raises ValueError where the models are not the same."""
    mine = sides.ours.ask("logits", task=sides.path, prompts=prompts)
    theirs = sides.peer.ask("logits", task=sides.path, prompts=prompts)
    apart, largest = _apart(mine.values, theirs.values)
    if not apart <= tolerance * largest:
        raise ValueError(f"logits differ by {apart:.2g} of {largest:.3g}: not the same model")
    return apart


def _ask(worker: Worker, request: Json, path: str) -> Answer:
    rest = {key: value for key, value in request.items() if key != "op"}
    return worker.ask(request["op"], task=path, **rest)


def _apart(
    ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]
) -> tuple[float, float]:
    """The largest difference, NaN where any is, and the largest of the peer's numbers."""
    pairs = [
        (a, b)
        for mine, other in zip(ours, theirs, strict=True)
        for a, b in zip(mine, other, strict=True)
    ]
    differences = [abs(a - b) for a, b in pairs]
    largest = max(abs(b) for _, b in pairs)
    return math.nan if any(map(math.isnan, differences)) else max(differences), largest


def _ratios(row: Row, ratios: Sequence[float]) -> Json:
    middle = statistics.median(ratios)
    return {
        "work": row.work,
        "peer": row.peer,
        "model": row.model,
        "examples": row.examples,
        "ratio_min": round(min(ratios), 2),
        "ratio_median": round(middle, 2),
        "ratio_max": round(max(ratios), 2),
        "floor": row.floor,
        "reached": middle >= row.floor,
        "measures": row.measures,
        "rounds": len(ratios),
        "load": load_average(),
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _agreement(row: Row, turns: Sequence[Turn]) -> Json:
    """NaN agrees with nothing."""
    largest = max(one.largest for one in turns)
    apart = [one.apart for one in turns]
    return {
        "agree": all(one.apart <= row.tolerance * one.largest for one in turns),
        "max_difference": None if any(map(math.isnan, apart)) else float(f"{max(apart):.3g}"),
        "largest_value": float(f"{largest:.4g}"),
        "tolerance": row.tolerance,
    }


def _share(flops: float, seconds: float, sides: Sides) -> Json:
    """Of the machine's matrix product, taken now and in the process that did the work."""
    peak = sides.ours.ask("peak").flops or float("nan")
    return {
        "gflop": round(flops / 1e9, 2),
        "peak_gflops": round(peak / 1e9, 1),
        "share_of_peak": round(flops / seconds / peak, 3),
    }

"""Rival circuits as JSON under the published schema `schema/compare-2.json`."""

from __future__ import annotations

import json
from typing import Any

from circuitlang.report.compare.record import Comparison, Group
from circuitlang.report.diff.json import measured
from circuitlang.report.schema import load_schema
from circuitlang.score.rank import Duel, Standing
from circuitlang.score.ranked import Areas

SCHEMA = "circuitlang/compare-2"


def comparison_to_json(comparison: Comparison) -> str:
    """The record, indented, ending in a line feed. A number that is not finite is null."""
    record = {
        "schema": SCHEMA,
        "exit_code": comparison.exit_code,
        "groups": [_group(group) for group in comparison.groups],
        "seconds": comparison.seconds,
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that `comparison_to_json` keeps to."""
    return load_schema("compare-2")


def _group(group: Group) -> dict[str, Any]:
    ranking = group.ranking
    return {
        "definition": dict(group.definition),
        "circuits": [
            {"name": name, "path": path}
            for name, path in zip(group.names, group.paths, strict=True)
        ],
        "measure": group.form and f"faithfulness(as={group.form})",
        "formula": group.formula,
        "held_out": ranking.held_out,
        "confidence": group.confidence,
        "tolerance": group.tolerance,
        "method": ranking.method,
        "ranking": [_standing(place, one) for place, one in enumerate(ranking.standings, start=1)],
        "pairs": [_duel(duel) for duel in ranking.duels],
        "reasons": list(ranking.reasons),
        "areas": [_areas(one) for one in group.areas],
        "variants": group.variants,
        **group.provenance.to_object(),
    }


def _standing(place: int, one: Standing) -> dict[str, Any]:
    return {
        "rank": place,
        "name": one.rival.name,
        "path": one.rival.path,
        "faithfulness": measured(one.faithfulness),
        "distance": measured(one.distance),
        "other_half": one.seen,
        "size": one.rival.size._asdict(),
        "on_front": one.on_front,
        "behind": list(one.beaten_by),
    }


def _duel(duel: Duel) -> dict[str, Any]:
    return {
        "a": duel.a,
        "b": duel.b,
        "difference": measured(duel.difference),
        "p": duel.p,
        "adjusted_p": duel.adjusted,
        "relation": duel.relation,
    }


def _areas(one: Areas) -> dict[str, Any]:
    return {
        "path": one.path,
        "cpr": one.cpr and measured(one.cpr),
        "cmd": one.cmd and measured(one.cmd),
        "points": [point._asdict() for point in one.points],
        "reasons": list(one.reasons),
    }

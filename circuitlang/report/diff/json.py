"""A difference as JSON under the published schema `schema/diff-1.json`."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from circuitlang.circuit.difference import EFFECTS, Difference, Parts, Side

SCHEMA = "circuitlang/diff-1"


def difference_to_json(difference: Difference) -> str:
    """The record, indented, ending in a line feed."""
    return json.dumps(as_object(difference), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that `difference_to_json` keeps to."""
    text = files("circuitlang.report").joinpath("schema/diff-1.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def as_object(difference: Difference) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "same": not difference,
        "a": _side(difference.a),
        "b": _side(difference.b),
        "renames": [rename._asdict() for rename in difference.renames],
        "changes": [
            {**change._asdict(), "effects": list(change.effects)} for change in difference.changes
        ],
        "effects": {effect: difference.count(effect) for effect in EFFECTS},
        "nodes": _parts(difference.nodes),
        "edges": {**_parts(difference.edges), "measured": difference.edges_measured},
    }


def _side(side: Side) -> dict[str, str]:
    return side._asdict()


def _parts(parts: Parts) -> dict[str, Any]:  # type: ignore[type-arg]
    return {
        "only_a": {str(one): str(at) for one, at in parts.only_a.items()},
        "only_b": {str(one): str(at) for one, at in parts.only_b.items()},
        "moved": {str(one): [str(at) for at in both] for one, both in parts.moved.items()},
        "both": parts.both,
    }

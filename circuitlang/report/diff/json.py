"""A difference as JSON under the published schema `schema/diff-2.json`."""

from __future__ import annotations

import json
import math
from typing import Any

from circuitlang.circuit.difference import EFFECTS, Difference, Parts, Side
from circuitlang.report.diff.record import Behaviour
from circuitlang.report.schema import load_schema
from circuitlang.score.verdict import Measured

SCHEMA = "circuitlang/diff-2"


def difference_to_json(difference: Difference, behaviour: Behaviour | None = None) -> str:
    """The record, indented, ending in a line feed. A number that is not finite is null."""
    record = {**_difference(difference), "behaviour": behaviour and _behaviour(behaviour)}
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that `difference_to_json` keeps to."""
    return load_schema("diff-2")


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "same": not difference,
        "a": _side(difference.a),
        "b": _side(difference.b),
        "renames": [rename._asdict() for rename in difference.renames],
        "changes": changes_of(difference),
        "effects": {effect: difference.count(effect) for effect in EFFECTS},
        "nodes": _parts(difference.nodes),
        "edges": {**_parts(difference.edges), "measured": difference.edges_measured},
    }


def changes_of(difference: Difference) -> list[dict[str, Any]]:
    """The edit script, an object a change."""
    return [{**change._asdict(), "effects": list(change.effects)} for change in difference.changes]


def _side(side: Side) -> dict[str, str]:
    return side._asdict()


def _parts(parts: Parts) -> dict[str, Any]:  # type: ignore[type-arg]
    return {
        "only_a": {str(one): str(at) for one, at in parts.only_a.items()},
        "only_b": {str(one): str(at) for one, at in parts.only_b.items()},
        "moved": {str(one): [str(at) for at in both] for one, both in parts.moved.items()},
        "both": parts.both,
    }


def _behaviour(behaviour: Behaviour) -> dict[str, Any]:
    found = behaviour.versus
    return {
        "relation": found.relation,
        "measure": f"faithfulness(as={found.form})",
        "formula": found.formula,
        "a": measured(found.a),
        "b": measured(found.b),
        "difference": measured(found.difference),
        "p": found.p,
        "permutations": found.permutations,
        "alpha": found.alpha,
        "tolerance": found.tolerance,
        "confidence": found.confidence,
        "n": found.n,
        "method": found.method,
        "inputs": {name: measured(one) for name, one in (found.inputs or {}).items()},
        "carried": [
            {
                "name": one.name,
                "held": one.held,
                "in_a": measured(one.in_a),
                "in_b": measured(one.in_b),
                "mean": measured(one.mean),
                "p": one.p,
                "adjusted_p": one.adjusted,
                "role": one.role,
            }
            for one in found.carried
        ],
        "rest": None if found.rest is None else measured(found.rest),
        "witnesses": [witness._asdict() for witness in found.witnesses],
        "reasons": list(found.reasons),
        "variants": behaviour.variants,
        **behaviour.provenance.to_object(),
        "seconds": behaviour.seconds,
    }


def measured(one: Measured) -> dict[str, Any]:
    """A number with its interval; null where it has none."""
    value, interval = one
    bounded = all(map(math.isfinite, interval))
    return {
        "value": value if math.isfinite(value) else None,
        "interval": list(interval) if bounded else None,
    }

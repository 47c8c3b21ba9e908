"""A file of evidence as a stranger may have written it: read within bounds and held to its schemas,
before anything that it says is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.circuit.circuit import MOST_SEED
from circuitlang.report.evidence import SCHEMA, evidence_schema
from circuitlang.report.json import SCHEMA as RECORD
from circuitlang.report.json import schema
from circuitlang.syntax.read import NotRegularError, read_regular
from circuitlang.syntax.strict_json import RefusedError, check_values, decode, parse_json, shown

# No evidence of ours comes near: 10,000 examples of a hundred requests make 20 MB.
MOST_BYTES = 128 << 20
# More than any model has (Llama 3.1 405B: 126 layers of 128 heads). A plan grows with the square.
_MOST_LAYERS, _MOST_HEADS = 1000, 20_000


def load_evidence(path: Path) -> dict[str, Any]:
    """The content of the file, which keeps to the schemas and whose parts refer to each other.

    Raises
    ------
    RefusedError
        If it does not, with the place; or if the path leads to no file that can be read.
    """
    try:
        content = parse_json(decode(read_regular(path, MOST_BYTES + 1), MOST_BYTES))
    except NotRegularError as error:
        raise RefusedError(f"it is {error}") from error
    except (OSError, ValueError) as error:
        raise RefusedError(getattr(error, "strerror", None) or str(error)) from error
    check_values(content)
    _check_versions(content)
    _check_schema(content, evidence_schema(), "$")
    _check_schema(content["verification"], schema(), "$.verification")
    _check_date(content["date"])
    _check_sizes(content)
    _check_series(content["series"], content["clusters"])
    loaded: dict[str, Any] = content
    return loaded


def _check_versions(content: Any) -> None:
    whole = content if isinstance(content, dict) else {}
    inner = whole.get("verification")
    for one, wanted in ((whole, SCHEMA), (inner if isinstance(inner, dict) else {}, RECORD)):
        said = one.get("schema", wanted)
        if said != wanted:
            raise RefusedError(
                f"it keeps to {shown(json.dumps(said))}, this program to {wanted}",
                "record it anew with `circuitlang verify --record`",
            )


def _check_schema(value: Any, wanted: Mapping[str, Any], place: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from jsonschema.validators import extend

    # JSON Schema takes 16.0 for an integer; what counts and indexes here has to be one.
    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, one: isinstance(one, int) and not isinstance(one, bool)
    )
    validator = extend(Draft202012Validator, type_checker=types)(wanted)
    error = best_match(validator.iter_errors(value))
    if error is not None:
        inner = error.json_path.removeprefix("$")
        raise RefusedError(f"at {place}{inner}, {error.message[:200]}")


def _check_date(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"`$.date` is {text!r}, which is no day of the calendar") from error


def _check_sizes(content: Mapping[str, Any]) -> None:
    seed, shape = content["verification"]["seed"], content["shape"]
    if seed > MOST_SEED:
        raise RefusedError(f"`$.verification.seed` is {seed}, and {MOST_SEED} is the largest")
    if shape is None:
        return
    layers, heads = shape["n_layers"], shape["n_layers"] * shape["n_heads"]
    if layers > _MOST_LAYERS or heads > _MOST_HEADS:
        raise RefusedError(
            f"`$.shape` has {layers:,} layers and {heads:,} heads: no model has more than "
            f"{_MOST_LAYERS:,} and {_MOST_HEADS:,}"
        )


def _check_series(series: list[Any], clusters: list[Any]) -> None:
    """Each request stands once, with as many numbers as there are names; each list of names stands
    once, and some series has it."""
    lists: dict[tuple[str, ...], int] = {}
    for i, names in enumerate(clusters):
        if (first := lists.setdefault(tuple(names), i)) != i:
            raise RefusedError(f"`$.clusters[{i}]` is `$.clusters[{first}]` once more")
    requests: dict[str, int] = {}
    for i, one in enumerate(series):
        place, at = f"`$.series[{i}]`", one["clusters"]
        if (first := requests.setdefault(one["request"], i)) != i:
            raise RefusedError(f"{place} and `$.series[{first}]` answer the same request")
        if at >= len(clusters):
            raise RefusedError(
                f"{place} names list {at} of `$.clusters`, which has {len(clusters)}"
            )
        if len(one["values"]) != len(clusters[at]):
            raise RefusedError(
                f"{place} has {len(one['values'])} numbers for the {len(clusters[at])} names of "
                f"`$.clusters[{at}]`"
            )
    if unused := set(range(len(clusters))) - {one["clusters"] for one in series}:
        raise RefusedError(f"`$.clusters[{min(unused)}]` belongs to no series")

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from circuitlang.pipeline.evidence_file import MOST_BYTES
from circuitlang.pipeline.tolerance import TOLERANCES
from circuitlang.report import evidence, json, reproduction

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text("utf-8")
PROSE = re.sub("```.*?```", "", PAGE, flags=re.DOTALL)
SCHEMAS = (
    (json.SCHEMA, json.schema()),
    (evidence.SCHEMA, evidence.evidence_schema()),
    (reproduction.SCHEMA, reproduction.reproduction_schema()),
)


def fields(node: Any) -> Iterator[str]:
    """Every property that the schema names, at any depth."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for child in node.values():
            yield from fields(child)
    elif isinstance(node, list):
        for child in node:
            yield from fields(child)


@pytest.mark.parametrize(("name", "schema"), SCHEMAS, ids=[name for name, _ in SCHEMAS])
def test_every_field_has_a_word_on_the_page(name: str, schema: dict[str, Any]) -> None:
    words = {word for code in re.findall(r"`([^`]+)`", PROSE) for word in re.findall(r"\w+", code)}
    assert set(fields(schema)) - words == set()


@pytest.mark.parametrize(("name", "schema"), SCHEMAS, ids=[name for name, _ in SCHEMAS])
def test_the_page_names_the_schemas_version(name: str, schema: dict[str, Any]) -> None:
    assert name in PAGE
    assert schema["properties"]["schema"]["const"] == name


def test_the_page_says_who_can_confirm_which_field() -> None:
    rows = dict(re.findall(r"^\| (`.+?) \| (a new run|nobody.*) \|$", PAGE, re.MULTILINE))
    for names, who in ((evidence.BY_A_RUN, "a new run"), (evidence.PROVENANCE, "nobody")):
        (row,) = [what for what, said in rows.items() if said.startswith(who)]
        assert {name for name in names if f"`{name}`" not in row} == set()


@pytest.mark.parametrize(
    ("dtype", "share"), [("float32", "1e-3"), ("float64", "1e-8"), ("bfloat16", "5e-2")]
)
def test_the_page_says_what_is_allowed(dtype: str, share: str) -> None:
    assert TOLERANCES[dtype].share == float(share)
    assert f"{share} in {dtype}" in " ".join(PAGE.split())
    assert TOLERANCES[dtype].least == (0.1 if dtype == "bfloat16" else 0.001)
    assert "at least 0.001 (0.1 in bfloat16)" in PAGE


def test_the_page_says_how_much_is_read() -> None:
    assert f"at most {MOST_BYTES >> 20} MiB" in PAGE

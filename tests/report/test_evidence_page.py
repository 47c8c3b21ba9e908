from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from circuitlang.report.json import SCHEMA, schema

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text("utf-8")


def fields(node: Any) -> Iterator[str]:
    """Every property that the schema names, at any depth."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for child in node.values():
            yield from fields(child)
    elif isinstance(node, list):
        for child in node:
            yield from fields(child)


def test_every_field_has_a_word_on_the_page() -> None:
    words = {word for code in re.findall(r"`([^`]+)`", PAGE) for word in re.findall(r"\w+", code)}
    assert set(fields(schema())) - words == set()


def test_the_page_names_the_schemas_version() -> None:
    assert SCHEMA in PAGE
    assert schema()["properties"]["schema"]["const"] == SCHEMA

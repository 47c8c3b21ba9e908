"""docs/exchange.md lists the formats that there are, each with what its entry says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from circuitlang.exchange.formats import FORMATS

PAGE = (Path(__file__).parents[2] / "docs/exchange.md").read_text(encoding="utf-8")
ROWS = {
    match[1]: [cell.strip() for cell in match[2].split("|")]
    for match in re.finditer(r"^\| `([a-z-]+)` \|(.*)\|$", PAGE, re.MULTILINE)
}


def test_every_format_has_a_row() -> None:
    assert list(ROWS) == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_the_row_says_what_the_entry_says(name: str) -> None:
    entry, (ways, carries, loses, layout) = FORMATS[name], ROWS[name]
    assert ways.split(", ") == ["out"] * bool(entry.write) + ["in"] * bool(entry.read)
    for cell, text in ((carries, entry.carries), (loses, entry.loses)):
        assert cell.startswith("as `") or cell.replace("`", "") in text.replace("`", "")
    commits = re.findall(r"@[0-9a-f]{7,8}", entry.layout)
    assert all(commit in layout or layout.startswith("the README") for commit in commits)

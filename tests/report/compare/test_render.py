"""Rival circuits as text, JSON and Markdown."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from circuitlang.report.compare import render
from circuitlang.report.compare.json import schema
from circuitlang.report.compare.record import Comparison, Group
from circuitlang.report.provenance import Provenance
from circuitlang.score.rank import Ranking
from tests.score.test_rank import flat, noisy, ranked

DEFINITION = {
    "model": "pkg:tiny",
    "metric": "logit_diff",
    "granularity": "nodes",
    "ablation": "zero",
}


def group(ranking: Ranking) -> Group:
    return Group(
        DEFINITION,
        ("a", "b", "c"),
        ("0.circuit", "1.circuit", "2.circuit"),
        confidence=0.95,
        ranking=ranking,
        provenance=Provenance(40, 7, "0" * 64, "1" * 64, preflight="made"),
        form="ratio",
        formula="F(C) / F(M)",
        percent=True,
        variants=4,
    )


RIVALS = Comparison((group(ranked(noisy(0.9, 0), noisy(0.5, 3), flat(0.86))),), 1.0)


def test_every_rival_and_every_pair_has_its_row() -> None:
    text = render(RIVALS)
    assert [line[0] for line in text.splitlines() if re.match(r"\d  ", line)] == ["1", "2", "3"]
    assert len(re.findall(r" against ", text)) == 3
    assert "behind" in text


@pytest.mark.parametrize("reasons", [(), ("too few",)])
def test_json_keeps_to_its_schema(reasons: tuple[str, ...]) -> None:
    found = Comparison((group(Ranking((), (), 3, "", reasons)),), 1.0) if reasons else RIVALS
    record = json.loads(render(found, "json"))
    jsonschema.Draft202012Validator(schema()).validate(record)
    assert record["exit_code"] == (3 if reasons else 0)


def test_colour_changes_no_word() -> None:
    painted = render(RIVALS, color=True)
    assert "\x1b[1;31mDIFFER\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(RIVALS)


def test_markdown_has_a_table_of_rivals_and_one_of_pairs() -> None:
    lines = render(RIVALS, "markdown").splitlines()
    assert sum(line.startswith("|---") for line in lines) == 2
    assert sum(line.startswith("| 1 | `a` |") for line in lines) == 1

"""A difference as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from circuitlang.check.diff import Spec, diff
from circuitlang.circuit.difference import Difference
from circuitlang.pipeline.structure import read_spec
from circuitlang.report.diff import render
from circuitlang.report.diff.json import schema
from circuitlang.report.diff.markdown import cell, code
from tests.check.diff.texts import BASE, changed, difference

GOLDEN = Path(__file__).parent / "golden"
SPECS = Path(__file__).parents[3] / "specs" / "gpt2"


def published(a: str, b: str) -> Difference:
    def read(name: str) -> Spec:
        found = read_spec(SPECS / f"{name}.circuit")
        assert isinstance(found, tuple), found
        return found[0]

    made = diff(read(a), read(b))
    first, second = (s._replace(path=Path(s.path).name) for s in (made.a, made.b))
    return replace(made, a=first, b=second)


@pytest.mark.parametrize("other", ["ioi_naive", "ioi_fifteen"])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_rivals_of_wangs_circuit(other: str, form: str, update_goldens: bool) -> None:
    golden = GOLDEN / f"{other}.{'md' if form == 'markdown' else 'txt'}"
    text = render(published("ioi", other), form)
    if update_goldens:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("other", ["ioi", "ioi_naive", "ioi_fifteen"])
def test_json_keeps_to_its_schema(other: str) -> None:
    record = json.loads(render(published("ioi", other), "json"))
    jsonschema.Draft202012Validator(schema()).validate(record)
    assert record["same"] == (other == "ioi")
    assert len(record["edges"]["only_a"]) == {"ioi": 0}.get(other, 105)


def test_colour_changes_no_word() -> None:
    found = difference(BASE, changed((">= 90%", ">= 80%"), ("A demo.", "A demo. " * 9)))
    plain, painted = render(found), render(found, color=True)
    assert "\x1b[1;31mweakens\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_a_stranger_cannot_command_the_terminal() -> None:
    found = difference(BASE, changed(("A demo.", "A \x1b[2Jdemo.")))
    assert "\x1b" not in render(found)


def test_nothing_is_one_line() -> None:
    assert render(difference(BASE, BASE)) == "a.circuit and b.circuit: no difference\n"
    assert render(difference(BASE, BASE), "markdown").endswith("No difference.\n")


def test_a_cell_holds_whatever_a_file_says() -> None:
    assert cell(code("a|b")) == "`a\\|b`"
    assert code("`x`") == "`` `x` ``"

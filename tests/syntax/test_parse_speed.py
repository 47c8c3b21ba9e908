"""Large and hostile texts."""

from __future__ import annotations

from time import perf_counter

import pytest

from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.parse import parse
from circuitlang.syntax.render import render
from circuitlang.syntax.source import Source
from tests.syntax.examples import IOI, inside, parsed, sound


def test_a_thousand_lines_parse_in_a_moment() -> None:
    sound(IOI)
    role = "role r at END attending IO {\n" + "  head a1.h2\n" * 9 + "}\n"
    text = inside(role * 100)
    assert text.count("\n") > 1000
    quickest = min(_seconds(text) for _ in range(5))
    assert quickest < 0.15


def _seconds(text: str) -> float:
    start = perf_counter()
    sound(text)
    return perf_counter() - start


@pytest.mark.parametrize(
    "unit", ["f(", "{", "}", "(", '"', "$ ", "foo ", "foo\n", "head 9.2 ", "task { ", "= ", "\\"]
)
def test_any_flood_ends_in_few_diagnostics(unit: str) -> None:
    for head in ("", "edition 1\ncircuit c {\nclaim x: "):
        source = Source(head + unit * (50_000 // len(unit)))
        _, found = parse(source)
        assert 1 <= len(found) <= 101
        assert len(render(Findings(source, found), "full")) < 50_000


def test_nesting_is_bounded() -> None:
    deep = inside(f"claim n: {'f(' * 2000}{')' * 2000} >= 1\nkeep mlps")
    file, found = parsed(deep)
    assert [d.code for d in found] == ["too-deep"]
    assert file.circuit is not None
    assert len(file.circuit.statements) == 1


def test_sixteen_calls_nest() -> None:
    sound(inside(f"claim n: {'f(' * 16}{')' * 16} >= 1"))


def test_a_hundred_mistakes_are_enough() -> None:
    _, found = parsed(inside("foo\n" * 300))
    assert len(found) == 101
    assert found[-1].code == "too-many-errors"

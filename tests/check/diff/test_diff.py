"""The edit script is empty exactly where nothing was changed, and a mirror image backwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.check.canonical import canonical
from circuitlang.check.diff import Spec, diff
from circuitlang.check.diff.effects import mirrored
from circuitlang.circuit.names import head
from circuitlang.pipeline.structure import read_spec
from circuitlang.syntax.format import format_source
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.check.diff.test_effects import RULES
from tests.check.diff.texts import BASE, changed, changes, difference

SPECS = Path(__file__).parents[3] / "specs"


def read(path: str) -> Spec:
    found = read_spec(SPECS / path)
    assert isinstance(found, tuple), found
    return found[0]


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.circuit")), ids=lambda path: path.stem)
def test_no_file_differs_from_itself(path: Path) -> None:
    assert not diff(read(str(path)), read(str(path)))


def test_order_comments_and_spaces_are_no_difference() -> None:
    other = changed(
        ("    head a1.h0\n", ""),
        ("status disputed\n", "status disputed\n    head a1.h0 # was above\n"),
        ("  edge input -> early\n", ""),
        ("  edge late -> logits\n", "  edge late -> logits\n  edge input -> early\n"),
        ("via k, v", "via   v,k"),
        ("    seed = 1\n", ""),
        ("    granularity = nodes\n", "    seed = 1\n    granularity = nodes\n"),
    )
    assert not difference(BASE, other)
    assert not difference(BASE, str(format_source(Source(other))[0]))


def test_a_default_written_out_is_no_difference() -> None:
    assert changes(("seed = 1", "seed = 1 resamples = 2000 family = holm")) == ()


MADE = st.lists(st.sampled_from(RULES), max_size=6, unique_by=lambda rule: rule[0])


@settings(deadline=None)
@given(MADE, MADE)
def test_whatever_changes_shows_and_backwards_it_is_mirrored(
    one: list[tuple[str, ...]], other: list[tuple[str, ...]]
) -> None:
    a, b = _with(one), _with(other)
    there, back = difference(a, b), difference(b, a)
    assert (_canonical(a) == _canonical(b)) == all(
        change.path.startswith(("doc", "cite")) or change.path.endswith("/because")
        for change in there.changes
    )
    assert [(c.path, c.before, c.after, c.effects) for c in there.changes] == [
        (c.path, c.after, c.before, mirrored(c.effects)) for c in back.changes
    ]


def _with(made: list[tuple[str, ...]]) -> str:
    """`BASE` with those of the changes that still apply."""
    text = BASE
    for old, new, *_ in made:
        text = text.replace(old, new, 1)
    return text


def _canonical(text: str) -> str:
    return canonical(parse(Source(text))[0])


def test_lines_say_where_each_file_has_it() -> None:
    (change,) = changes(('"A demo."', '"A demo."\n  # more\n  cite "x"'), ("90%", "80%"))[1:]
    lines = BASE.splitlines()
    assert change.line_before is not None
    assert "claim right" in lines[change.line_before - 1]
    assert change.line_after == change.line_before + 2


def test_layer_nine_comes_before_layer_ten() -> None:
    made = changes(("    head a9.h4\n    head a10.h1\n", "    head a11.h0\n"))
    paths = [change.path.rpartition("/")[2] for change in made if change.path.startswith("role/")]
    assert paths == ["a9.h4", "a10.h1", "a11.h0"]


def test_the_published_circuits_part_where_their_authors_do() -> None:
    naive = diff(read("gpt2/ioi.circuit"), read("gpt2/ioi_naive.circuit"))
    assert (naive.nodes.size_a, naive.nodes.size_b) == (26, 13)
    assert not naive.nodes.only_b
    assert (naive.edges.size_a, naive.edges.size_b) == (182, 77)
    fifteen = diff(read("gpt2/ioi.circuit"), read("gpt2/ioi_fifteen.circuit"))
    assert fifteen.nodes.size_b == 15
    assert head(0, 10) in fifteen.nodes.only_a
    assert {(r.before, r.after) for r in fifteen.renames} >= {
        ("duplicate_token", "dth"),
        ("induction", "ind"),
        ("negative_name_mover", "neg_nm"),
    }


def test_a_member_at_another_position_has_moved() -> None:
    found = difference(BASE, changed(("at REPEAT attending any {", "at any attending any {")))
    assert set(found.nodes.moved) == {head(9, 4), head(10, 1)}

"""A difference as a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from circuitlang.check.diff import Spec, diff
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.difference import Difference, Rename
from circuitlang.pipeline.structure import read_spec
from circuitlang.report.diff import render
from circuitlang.report.diff.record import Behaviour
from circuitlang.report.provenance import Provenance
from circuitlang.score.verdict import Interval, Measured
from circuitlang.score.versus import Carried, Role, Versus, Witness
from tests.report.html.browser import Browser, accessible, chromium, needs_browser
from tests.report.html.test_page import HOSTILE, Elements

SPECS = Path(__file__).parents[3] / "specs" / "gpt2"


def measured(value: float) -> Measured:
    return Measured(value, Interval(value - 0.1, value + 0.1))


def carried(name: str, in_a: float, in_b: float, role: Role) -> Carried:
    mean = measured((in_a + in_b) / 2)
    return Carried(name, "A", measured(in_a), measured(in_b), mean, 0.001, 0.002, role)


BEHAVIOUR = Behaviour(
    Versus(
        form="ratio",
        formula="F(C) / F(M)",
        percent=True,
        a=measured(0.9),
        b=measured(0.4),
        difference=measured(-0.5),
        p=0.001,
        alpha=0.05,
        tolerance=0.05,
        relation="DIFFER",
        n=64,
        confidence=0.95,
        method="bootstrap over 16 templates",
        permutations=2000,
        carried=(
            carried("a10.h7", 0.2, 0.3, "counters"),
            carried("a11.h2", -0.4, -0.6, "carries"),
        ),
        rest=measured(0.01),
        witnesses=(Witness(4, "abba", "Then, Mary and <b>John</b>", 3.0, 2.5, -0.5),),
        inputs={"F(M)": measured(3.5)},
    ),
    variants=11,
    provenance=Provenance(
        examples=64,
        seed=7,
        model_digest="ab12",
        data_digest="cd34",
        executor="reference",
        versions={"torch": "2.13.0"},
        preflight="made",
        needed=10,
    ),
)


def compared(a: str, b: str) -> tuple[Difference, tuple[Circuit, Circuit]]:
    def read(name: str) -> tuple[Spec, Circuit]:
        found = read_spec(SPECS / f"{name}.circuit")
        assert isinstance(found, tuple), found
        assert found[1].circuit is not None
        return found[0], found[1].circuit

    (first, one), (second, other) = read(a), read(b)
    return diff(first, second), (one, other)


@pytest.fixture(scope="module")
def html() -> str:
    difference, circuits = compared("ioi", "ioi_naive")
    return render(difference, "html", behaviour=BEHAVIOUR, circuits=circuits)


def test_what_only_one_has_is_marked_in_the_drawing(html: str) -> None:
    difference, circuits = compared("ioi", "ioi_naive")
    found = Elements(html)
    marked = found.classed("only-a")
    assert {a["data-edge"] for a in marked if "data-edge" in a} == {
        str(edge) for edge in difference.edges.only_a
    }
    nodes = {(a["aria-label"] or "").split(",")[0] for a in marked if "aria-label" in a}
    assert nodes == {str(node) for node in difference.nodes.only_a}
    drawn = {a["data-edge"] for _, a in found.tags if "data-edge" in a}
    assert drawn == {str(edge) for one in circuits for edge in one.claimed_edges}


def test_every_change_has_a_row(html: str) -> None:
    difference, _ = compared("ioi", "ioi_naive")
    found = Elements(html)
    rows = html[html.index('<table class="changes">') :]
    assert rows[: rows.index("</table>")].count('<th scope="row">') == len(difference.changes)
    assert len(found.classed("weakens")) > 1


def test_what_running_both_came_to(html: str) -> None:
    text = Elements(html).text
    for said in (
        "DIFFER",
        "-50.0% [-60.0, -40.0]",
        "counters",
        "Then, Mary and <b>John</b>",
        "--run --examples 64 --seed 7 --measure ratio --tolerance 0.05 --executor reference",
        "carries: -50.0% [-60.0, -40.0] of B less A",
    ):
        assert said in text


def test_turned_round_the_marks_change_sides() -> None:
    difference, circuits = compared("ioi_naive", "ioi")
    found = Elements(render(difference, "html", circuits=circuits))
    edges = {a["data-edge"] for a in found.classed("only-b") if "data-edge" in a}
    assert edges == {str(edge) for edge in difference.edges.only_b}
    assert [a for a in found.classed("only-a") if "data-edge" in a] == []


def test_a_renamed_role_is_one_role() -> None:
    difference, (first, second) = compared("ioi", "ioi")
    roles = {("mover" if n == "name_mover" else n): r for n, r in second.roles.items()}
    renamed = replace(second, roles={n: replace(r, name=n) for n, r in roles.items()})
    difference = replace(difference, renames=(Rename("role", "name_mover", "mover"),))
    found = Elements(render(difference, "html", circuits=(first, renamed)))
    labels = {a["aria-label"] for a in found.classed("node")}
    assert "a9.h9, mover, at END" in labels
    assert not any(label and ", name_mover, " in label for label in labels)


def test_nothing_in_common_with_markup() -> None:
    difference, circuits = compared("ioi", "ioi_naive")
    side = difference.a._replace(path=HOSTILE, name=HOSTILE)
    change = difference.changes[0]._replace(before=HOSTILE, path=f"role/{HOSTILE}/head/x")
    hostile = replace(difference, a=side, changes=(change,))
    named = (replace(circuits[0], name=HOSTILE), circuits[1])
    found = Elements(render(hostile, "html", circuits=named))
    assert not found.of("script")
    assert not found.of("img")


def test_the_same_file_twice_is_no_difference() -> None:
    difference, circuits = compared("ioi", "ioi")
    text = render(difference, "html", circuits=circuits)
    assert "No difference." in Elements(text).text
    assert text.endswith("\n")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_the_page_in_a_browser(
    html: str, browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "diff.html"
    path.write_text(html, "utf-8")
    browser.open(path, width, scheme)
    assert browser.requests() == [path.as_uri()]
    assert browser.complaints() == []
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert accessible(browser) == []
    # Words are not broken into a letter a line.
    narrow = """return [...document.querySelectorAll('.changes td, .changes th')]
        .filter(cell => cell.getBoundingClientRect().width < 60).length"""
    assert browser.run(narrow) == 0

from __future__ import annotations

from pathlib import Path

from circuitlang.plan.measures import MEASURES
from circuitlang.plan.reference import measures_table

PAGE = (Path(__file__).parents[2] / "docs" / "measures.md").read_text("utf-8")


def test_the_page_has_the_registrys_table() -> None:
    _, _, rest = PAGE.partition("measures_table -->\n")
    table, _, _ = rest.partition("<!-- end -->")
    assert table == measures_table(), "paste circuitlang.plan.reference.measures_table()"


def test_every_parameter_is_in_the_table() -> None:
    table = measures_table()
    for measure in MEASURES.values():
        rows = [row for row in table.splitlines() if row.startswith(f"| `{measure.name}(")]
        assert rows
        assert all(f"{p.name}=" in row for p in measure.parameters for row in rows)


def test_bounds_on_the_page_are_those_of_the_registry() -> None:
    for name in ("length", "examples"):
        parameter = MEASURES["induction"].parameter(name)
        assert parameter is not None
        assert f"{parameter.bounds[0]} to {parameter.bounds[1]}" in PAGE

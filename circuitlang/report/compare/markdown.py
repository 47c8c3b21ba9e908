"""Rival circuits as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.report.compare.record import Comparison, Group
from circuitlang.report.compare.text import (
    HEADER,
    area_lines,
    duel_row,
    heading,
    pairs_line,
    places,
    row,
)
from circuitlang.report.diff.markdown import cell, code

_PAIRS = ("pair", "difference of the distances", "p (Holm)", "")


def comparison_to_markdown(comparison: Comparison) -> str:
    """A heading and two tables a task; ends in a line feed."""
    return "\n".join(line for group in comparison.groups for line in _group(group))


def _group(group: Group) -> Iterator[str]:
    first, *rest = heading(group)
    yield f"### {first}\n"
    yield from (f"- {line.strip()}" for line in rest)
    if group.ranking.standings:
        yield from ("", *_table(HEADER))
        for place, one in places(group):
            number, name, *cells = row(group, place, one)
            yield _row((number, code(name), *cells))
    if group.ranking.duels:
        yield from ("", f"Pairs: {pairs_line(group)}", "", *_table(_PAIRS))
        yield from (_row(duel_row(group, duel)) for duel in group.ranking.duels)
    for ranked in group.areas:
        yield from ("", *(f"- {line.strip()}" for line in area_lines(ranked)))
    yield ""


def _table(header: tuple[str, ...]) -> tuple[str, str]:
    return _row(header), f"|{'---|' * len(header)}"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(cell, cells))} |"

"""The sensitivity matrix as a table: what is removed and how down the side, where and by which
estimator along the top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from circuitlang.report.number import number, show
from circuitlang.report.sensitivity import summary
from circuitlang.score.sensitivity import Cell, Sensitivity
from circuitlang.syntax.counted import counted


class Line(NamedTuple):
    """A row of the table, with the two choices that it stands for."""

    granularity: str
    ablation: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """``heads`` are the choices along the top; ``said`` sums the matrix up in a sentence, and
    ``notes`` say what cannot be measured or is to be read with care."""

    name: str
    demand: str
    percent: bool
    heads: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    said: str
    notes: tuple[str, ...]

    def value(self, cell: Cell) -> str:
        if cell.estimate is None:
            return "no estimate" if cell.possible else "not possible"
        return number(cell.estimate.value, percent=self.percent)

    def interval(self, cell: Cell) -> str:
        return "" if cell.estimate is None else show(cell.estimate, percent=self.percent)


def matrix(found: Sensitivity) -> Matrix:
    lines: dict[tuple[str, str], list[Cell]] = {}
    for cell in found.cells:
        lines.setdefault((cell.granularity, cell.ablation), []).append(cell)
    first = next(iter(lines.values()), [])
    return Matrix(
        found.claim.name,
        f"{found.claim.measure} {found.claim.demand}",
        found.claim.percent,
        tuple((cell.positions, cell.estimator) for cell in first),
        tuple(Line(*key, tuple(cells)) for key, cells in lines.items()),
        summary(found),
        tuple(_notes(found)),
    )


def _notes(found: Sensitivity) -> Iterator[str]:
    """Reasons, each once, with the choices that it is about."""
    reasons: dict[str, list[Cell]] = {}
    for cell in found.cells:
        if cell.reason:
            reasons.setdefault(cell.reason, []).append(cell)
        if cell.near_zero:
            text = f"{cell.near_zero} examples have a denominator close to zero"
            reasons.setdefault(text, []).append(cell)
    yield from (f"{_where(cells)}: {reason}" for reason, cells in reasons.items())


def _where(cells: list[Cell]) -> str:
    choices: Mapping[str, set[str]] = {
        "granularity": {cell.granularity for cell in cells},
        "ablation": {cell.ablation for cell in cells},
        "positions": {cell.positions for cell in cells},
        "estimator": {cell.estimator for cell in cells},
    }
    shared = [next(iter(words)) for words in choices.values() if len(words) == 1]
    count = counted(len(cells), "cell")
    return f"{count}, {', '.join(shared)}" if shared else count

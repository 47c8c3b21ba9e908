"""The sensitivity matrix for a person at a terminal: a table a claim, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from circuitlang.plan.sensitivity import ESTIMATORS
from circuitlang.report.table import aligned
from circuitlang.score.sensitivity import Cell, Sensitivity
from circuitlang.score.verdict import Measured

# From here on a share in percent is shown without decimals: it is no number to be exact about.
_LARGE = 10.0
_LISTED = 4
_WIDTH = 100


_AXES: tuple[Callable[[Sequence[Cell]], list[str]], ...] = (
    lambda cells: [cell.granularity for cell in cells],
    lambda cells: [cell.ablation for cell in cells],
    lambda cells: [f"{cell.positions} positions" for cell in cells],
    lambda cells: [cell.estimator for cell in cells],
)


def sensitivity_blocks(matrices: Iterable[Sensitivity]) -> Iterator[Sequence[str]]:
    """A block of lines for each claim, at most 100 columns wide, and one that says how to read
    them."""
    matrices = tuple(matrices)
    for matrix in matrices:
        yield [
            _headline(matrix),
            *aligned(list(_rows(matrix))),
            *(
                line
                for remark in _remarks(matrix)
                for line in wrap(remark, _WIDTH, initial_indent="  ", subsequent_indent="    ")
            ),
        ]
    if matrices:
        yield (
            "  * the spec's own cell   ! another verdict than there. Cells are judged one by one,",
            "  not corrected for their number nor held against covers: exploration, not evidence.",
        )


def summary(matrix: Sensitivity) -> str:
    """How often the verdict changes, and where: ``flips in 5 of 28 cells: ...``."""
    own, measured = matrix.own, matrix.measured
    if not own.possible:
        return f"the spec's own cell is not possible: {own.reason}"
    if not matrix.flips:
        return f"no flip: {own.outcome} in all {len(measured)} cells"
    to = ", ".join(f"{count} {word}" for word, count in sorted(matrix.flips_to.items()))
    how_many = f"flips in {len(matrix.flips)} of {len(measured)} cells ({to})"
    return f"{how_many}: {_where(matrix.flips, measured)}"


def _headline(matrix: Sensitivity) -> str:
    claim = matrix.claim
    corrupt = f", corrupt = {matrix.corrupt}" if matrix.corrupt else ""
    return f"sensitivity of {claim.name}: {matrix.formula}, claimed {claim.demand}{corrupt}"


def _rows(matrix: Sensitivity) -> Iterator[tuple[str, ...]]:
    """One row a setting; a column an estimator, of those that the measure has."""
    used = [e for e in ESTIMATORS if any(c.possible and c.estimator == e for c in matrix.cells)]
    used = used or [ESTIMATORS[0]]
    yield ("", *(part for estimator in used for part in (f"  {estimator}", "")))
    for (granularity, ablation, positions), cells in groupby(matrix.cells, _setting):
        by_estimator = {cell.estimator: cell for cell in cells}
        columns = [_columns(matrix, by_estimator[estimator]) for estimator in used]
        label = f"  {granularity} {positions:5} {ablation}"
        yield (label, *(part for column in columns for part in column))


def _setting(cell: Cell) -> tuple[str, str, str]:
    return cell.granularity, cell.ablation, cell.positions


def _columns(matrix: Sensitivity, cell: Cell) -> tuple[str, str]:
    if not cell.possible:
        return "  not possible", ""
    mark = "*" if cell.own else "!" if cell.flips else " "
    if cell.estimate is None:
        return f"{mark} no estimate", cell.outcome or ""
    return f"{mark} {_number(cell.estimate, percent=matrix.claim.percent)}", cell.outcome or ""


def _remarks(matrix: Sensitivity) -> Iterator[str]:
    yield summary(matrix)
    reasons: dict[str, list[Cell]] = {}
    for cell in matrix.cells:
        if not cell.possible and cell.reason is not None:
            reasons.setdefault(cell.reason, []).append(cell)
    for reason, cells in reasons.items():
        yield f"not possible in {len(cells)} cells ({_shared(cells)}): {reason}"
    near = max((cell.near_zero for cell in matrix.cells), default=0)
    if near:
        n = max(cell.n for cell in matrix.cells)
        yield (
            f"mean of ratios: up to {near} of {n} examples have a denominator near zero; "
            "they are kept"
        )


def _where(flips: Sequence[Cell], measured: Sequence[Cell]) -> str:
    """The cells that flip where they are few, and how many at each value of each axis where not."""
    if len(flips) <= _LISTED:
        return "; ".join(map(_name, flips))
    return "; ".join(
        ", ".join(
            f"{value} {axis(flips).count(value)} of {axis(measured).count(value)}"
            for value in dict.fromkeys(axis(measured))
        )
        for axis in _AXES
        if len(set(axis(measured))) > 1
    )


def _shared(cells: Sequence[Cell]) -> str:
    """What these cells have in common."""
    values = [set(axis(cells)) for axis in _AXES]
    return ", ".join(one.pop() for one in values if len(one) == 1)


def _name(cell: Cell) -> str:
    return f"{cell.granularity} {cell.positions} {cell.ablation}, {cell.estimator}"


def _number(found: Measured, *, percent: bool) -> str:
    value, (low, high) = found
    finite = math.isfinite(low) and math.isfinite(high)
    scale, unit = (100, "%") if percent else (1, "")
    large = percent and max(abs(x) for x in (value, low, high) if math.isfinite(x)) >= _LARGE
    digits = 0 if large else 1 if percent else 3
    ends = f"[{low * scale:.{digits}f}, {high * scale:.{digits}f}]" if finite else "[unbounded]"
    return f"{value * scale:.{digits}f}{unit} {ends}"

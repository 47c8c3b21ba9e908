"""A verification beside recorded evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from circuitlang.report.number import number, show
from circuitlang.report.table import aligned
from circuitlang.score.regress import Regression

EXIT_WORSE = 1


@dataclass(frozen=True)
class Comparison:
    """``path`` is the evidence's. ``regressions`` are of the claims that both sides have; ``new``
    and ``gone`` name those that only the new verification, or only the evidence, has. ``most`` is
    the fall that was allowed."""

    path: str
    regressions: tuple[Regression, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    most: float

    @property
    def exit_code(self) -> int:
        return EXIT_WORSE if any(one.finding == "worse" for one in self.regressions) else 0


def render_comparison(comparison: Comparison) -> str:
    """One line a claim, ending in a line feed."""
    lines = [
        f"against {comparison.path}: paired differences now − then, a fall of "
        f"{number(comparison.most)} allowed"
    ]
    lines += aligned([_row(one) for one in comparison.regressions])
    if comparison.new:
        lines.append(f"  not in the evidence: {', '.join(comparison.new)}")
    if comparison.gone:
        lines.append(f"  only in the evidence: {', '.join(comparison.gone)}")
    return "\n".join(lines) + "\n"


def _row(one: Regression) -> tuple[str, ...]:
    percent = one.claim.percent
    if one.change is None or one.then is None or one.now is None:
        return (f"  {one.finding}", one.claim.name, one.reason, "", "")
    return (
        f"  {one.finding}",
        one.claim.name,
        f"{number(one.then, percent=percent)} → {number(one.now, percent=percent)}",
        "" if one.finding == "same" else show(one.change, percent=percent),
        "; ".join(_remarks(one)),
    )


def _remarks(one: Regression) -> Iterator[str]:
    if one.adjusted is not None:
        yield f"p = {one.adjusted:.2g}"
    if one.reason:
        yield one.reason

"""A verification beside recorded evidence: `verify --against`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from circuitlang.circuit.difference import Rename
from circuitlang.report.number import number, show
from circuitlang.report.table import aligned
from circuitlang.score.regression import Regression
from circuitlang.syntax.render.cells import visible

HEADS = ("", "claim", "then → now", "change", "", "")


@dataclass(frozen=True)
class Regressions:
    """``path`` is the evidence's. ``regressions`` are of the claims that both sides have; ``new``
    and ``gone`` name those that only the new verification, or only the evidence, has. ``most`` is
    the fall that was allowed. ``roles`` are called otherwise in the evidence."""

    path: str
    regressions: tuple[Regression, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    most: float
    roles: tuple[Rename, ...] = ()

    @property
    def fallen(self) -> tuple[Regression, ...]:
        """Those that make the verification fail."""
        return tuple(one for one in self.regressions if one.finding == "worse" and one.counts)

    @property
    def compared(self) -> bool:
        """Whether anything was."""
        return any(one.finding != "not compared" for one in self.regressions)

    @property
    def title(self) -> str:
        allowed = f"a fall of {self.most:g} ({self.most * 100:g}%) is allowed"
        return f"against {visible(self.path)}: paired differences now − then; {allowed}"

    @property
    def notes(self) -> tuple[str, ...]:
        sides = (("not in the evidence", self.new), ("only in the evidence", self.gone))
        told = [f"role {one.after} is {one.before} in the evidence" for one in self.roles]
        told += [f"{where}: {', '.join(names)}" for where, names in sides if names]
        return (*told, *([] if self.compared else ["no claim could be compared"]))

    def fall(self, claim: str) -> str:
        """What to say of a claim that fell; empty where it did not, or where that counts not."""
        one = next((one for one in self.fallen if one.claim.name == claim), None)
        if one is None:
            return ""
        _, _, moved, change, chance, _ = cells(one)
        return f"`{claim}` fell, {moved}, by {change} ({chance}), against {visible(self.path)}"


def regression_lines(found: Regressions) -> list[str]:
    """A heading and a line a claim."""
    rows = aligned([(f"  {first}", *rest) for first, *rest in map(cells, found.regressions)])
    return [found.title, *rows, *(f"  {note}" for note in found.notes)]


def cells(one: Regression) -> tuple[str, str, str, str, str, str]:
    """One claim's row, as `HEADS` names them."""
    percent = one.claim.percent
    if one.change is None or one.then is None or one.now is None:
        return one.finding, one.claim.name, "", "", "", one.reason
    uncounted = "" if one.counts or one.finding != "worse" else "does not count"
    near = one.claim.comparator == "~=" and one.finding != "same"
    called = f"{one.was} in the evidence" if one.was not in ("", one.claim.name) else ""
    distance = f"the change is of the distance from {one.claim.demand}" if near else ""
    return (
        one.finding,
        one.claim.name,
        f"{number(one.then, percent=percent)} → {number(one.now, percent=percent)}",
        "" if one.finding == "same" else show(one.change, percent=percent),
        "" if one.adjusted is None else f"Holm p = {one.adjusted:.2g}",
        "; ".join(filter(None, (one.reason, called, distance, uncounted))),
    )


def regressions_object(found: Regressions) -> dict[str, Any]:
    """What became of the claims, in the JSON record."""
    return {
        "path": found.path,
        "allowed": found.most,
        "claims": [
            {
                "name": one.claim.name,
                "was": one.was or one.claim.name,
                "finding": one.finding,
                "counts": one.counts,
                "then": one.then,
                "now": one.now,
                "change": None if one.change is None else one.change.value,
                "interval": None if one.change is None else list(one.change.interval),
                "p": one.p,
                "adjusted_p": one.adjusted,
                "reason": one.reason,
            }
            for one in found.regressions
        ],
        "new": list(found.new),
        "gone": list(found.gone),
        "roles": [{"then": one.before, "now": one.after} for one in found.roles],
    }

"""What the gate found: every spec that is not as it was, and whether it says less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from circuitlang.circuit.difference import Difference
from circuitlang.syntax.diagnostic import Findings

Kind = Literal["new", "changed", "gone"]
Outcome = Literal["sound", "weaker", "invalid"]
# From the best to the worst, each with the exit code that it stands for.
OUTCOMES: tuple[Outcome, ...] = ("sound", "weaker", "invalid")

GONE = "deleted, and its claims with it"


@dataclass(frozen=True)
class Judged:
    """One spec that changed, by its path from the root of the repository. ``findings`` are of the
    file as it is now; ``difference`` is None where nothing could be compared; ``notes`` are on how
    the comparison was made, a sentence each."""

    path: str
    change: Kind
    outcome: Outcome
    findings: Findings
    difference: Difference | None = None
    notes: tuple[str, ...] = ()


class Side(NamedTuple):
    """What the user asked for, and the commit that was looked at; None for no commit at all."""

    revision: str
    commit: str | None


@dataclass(frozen=True)
class Gate:
    """``files`` are in the order of their paths; ``unchanged`` counts the others."""

    base: Side
    head: Side
    files: tuple[Judged, ...]
    unchanged: int

    @property
    def exit_code(self) -> int:
        """0 nothing weaker; 1 something is, or is gone; 2 something is invalid."""
        return max((OUTCOMES.index(one.outcome) for one in self.files), default=0)


def totals(gate: Gate) -> str:
    """What it came to, in one line."""
    outcomes = [one.outcome for one in gate.files]
    said = [f"{n} {outcome}" for outcome in reversed(OUTCOMES) if (n := outcomes.count(outcome))]
    said += [f"{gate.unchanged} unchanged"] if gate.unchanged else []
    since = "since nothing" if gate.base.commit is None else f"since {gate.base.commit[:12]}"
    return f"specs {since}: {', '.join(said) or 'none, neither then nor now'}"

"""A claim's number, then and now. Records only; `circuitlang.score.regress` has the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from circuitlang.circuit.circuit import Claim
from circuitlang.score.verdict import Measured

Finding = Literal["same", "held", "worse", "undecided", "not compared"]


@dataclass(frozen=True)
class Regression:
    """One claim, then and now.

    ``change`` is now − then, with its paired interval; of a claim with `~=` it is that of the
    distance from the number claimed. A fall is a change in the direction that the claim dislikes.
    ``finding``: ``worse`` where it fell by more than was allowed, certainly; ``held`` where it
    certainly did not; ``same`` where no number differs. ``p`` is the p-value of "it fell by more
    than was allowed", ``adjusted`` the same with Holm's correction for all claims that were
    compared. ``counts`` is whether a fall makes the verification fail: not under `else warn`, and
    not of a claim that is waived. ``was`` is what the evidence calls the claim.
    """

    claim: Claim
    finding: Finding
    then: float | None = None
    now: float | None = None
    change: Measured | None = None
    p: float | None = None
    adjusted: float | None = None
    reason: str = ""
    counts: bool = True
    was: str = ""

    @property
    def rises(self) -> bool:
        """Whether the claim likes a rise of what ``change`` is of."""
        return self.claim.comparator == ">="

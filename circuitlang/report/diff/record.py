"""What running two circuits came to, with everything that the numbers depend on."""

from __future__ import annotations

from dataclasses import dataclass

from circuitlang.report.provenance import Provenance
from circuitlang.score.versus import Versus

_EXIT = {"EQUAL": 0, "DIFFER": 1, "UNDECIDED": 3}


@dataclass(frozen=True)
class Behaviour:
    """``variants`` were run in one plan."""

    versus: Versus
    variants: int
    provenance: Provenance
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 EQUAL, 1 DIFFER, 3 UNDECIDED."""
        return _EXIT[self.versus.relation]

"""What running two circuits came to, with everything that the numbers depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from circuitlang.score.versus import Versus
from circuitlang.syntax.diagnostic import Diagnostic

_EXIT = {"EQUAL": 0, "DIFFER": 1, "UNDECIDED": 3}


@dataclass(frozen=True)
class Behaviour:
    """``variants`` were run in one plan, on ``examples`` prompts; of the ``needed`` numbers
    ``found`` were in the cache."""

    versus: Versus
    examples: int
    variants: int
    model_digest: str
    data_digest: str
    device: str
    executor: str
    versions: Mapping[str, str]
    preflight: str
    found: int
    needed: int
    warnings: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 EQUAL, 1 DIFFER, 3 UNDECIDED."""
        return _EXIT[self.versus.relation]

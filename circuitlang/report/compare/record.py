"""What a comparison of rivals came to, with everything that its numbers depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from circuitlang.report.provenance import Provenance
from circuitlang.score.rank import Ranking
from circuitlang.score.ranked import Areas


@dataclass(frozen=True)
class Group:
    """Circuits that are measured on the same prompts in the same way, as ``definition`` says.
    ``form`` is None where nothing was measured. Rivals no further apart than ``tolerance`` are
    EQUAL. ``areas`` are of rankings of the model's edges."""

    definition: Mapping[str, str]
    names: tuple[str, ...]
    paths: tuple[str, ...]
    confidence: float
    ranking: Ranking
    provenance: Provenance
    areas: tuple[Areas, ...] = ()
    form: str | None = None
    formula: str = ""
    percent: bool = False
    tolerance: float = 0.0
    variants: int = 0


@dataclass(frozen=True)
class Comparison:
    """One group a task; circuits of different groups are never compared."""

    groups: tuple[Group, ...]
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 where everything was ranked, 3 where nothing could be told of some group that makes
        claims of faithfulness, or of any."""
        untold = (
            (g.form and g.ranking.reasons) or any(a.reasons for a in g.areas) for g in self.groups
        )
        ranked = any(g.ranking.standings for g in self.groups)
        return 3 if any(untold) or not ranked else 0

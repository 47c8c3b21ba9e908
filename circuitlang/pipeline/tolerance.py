"""How far the numbers of one model on two machines may lie apart: they add in another order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from circuitlang.plan.observations import Observation

Close = Callable[[float, float], bool]


@dataclass(frozen=True)
class Tolerance:
    """``share`` is what numbers may differ by, as a share of their scale; ``least`` is the smallest
    scale there is: numbers near zero are differences of larger ones, and carry their rounding."""

    share: float
    least: float

    def scale(self, observations: Iterable[Observation]) -> float:
        """The largest of the numbers."""
        sizes = (abs(v) for one in observations for v in one.values if math.isfinite(v))
        return max(self.least, max(sizes, default=0.0))

    def apart(self, before: Observation, now: Observation) -> float:
        """The largest difference, as a share of the scale of what was ``before``; infinite where
        only one side has a finite number."""
        pairs = zip(before.values, now.values, strict=True)
        return max((distance(*pair) for pair in pairs), default=0.0) / self.scale([before])

    def within(self, scale: float) -> Close:
        """Whether two numbers are the same: to the share of their scale, or of themselves where
        they are larger than that."""
        return lambda one, other: math.isclose(
            one, other, rel_tol=self.share, abs_tol=self.share * scale
        )


TOLERANCES = {
    "float64": Tolerance(1e-8, 1e-3),
    "float32": Tolerance(1e-3, 1e-3),
    "bfloat16": Tolerance(5e-2, 1e-1),
}


def distance(one: float, other: float) -> float:
    if math.isfinite(one) and math.isfinite(other):
        return abs(one - other)
    return 0.0 if math.isfinite(one) == math.isfinite(other) else math.inf

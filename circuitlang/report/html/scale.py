"""From numbers to pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Scale(NamedTuple):
    """A linear axis: ``low`` to ``high`` in numbers, ``left`` to ``right`` in pixels."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """The pixel of a number; of one beyond an end, that end."""
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self, most: int = 6) -> tuple[float, ...]:
        """Round numbers on the axis, at most so many."""
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / most))
        while (self.high - self.low) / step > most:
            # 1, 2, 5, 10, ...
            step *= 2.5 if round(step / 10.0 ** math.floor(math.log10(step))) == 2 else 2.0
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return tuple(round(i * step, 12) for i in range(first, last + 1))


def scale(values: Iterable[float], left: float, right: float, pad: float = 0.06) -> Scale:
    """An axis that shows all finite values, with a margin of ``pad`` of their range."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    # Where all values are one, the axis still has a length; numbers of any size stay apart.
    width = max(high - low, abs(high) * 1e-6, abs(low) * 1e-6) or 1.0
    return Scale(low - pad * width, high + pad * width, left, right)

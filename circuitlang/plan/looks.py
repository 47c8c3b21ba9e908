"""At which numbers of examples growing data are looked at, known before anything is measured."""

from __future__ import annotations

import math
from itertools import takewhile
from statistics import NormalDist

# A look at a lower level than this could decide next to nothing, and neither a bootstrap nor the
# normal tail that continues it is worth trusting there.
_LEAST_LEVEL = 1e-10


def look_sizes(first: int, most: int, confidence: float) -> tuple[int, ...]:
    """``first`` examples, twice as many, and so on, and ``most`` at last; without the looks too
    early to decide anything, of which ``confidence`` makes more the higher it is.

    Raises ValueError for a ``most`` below ``first``.
    """
    if most < first:
        raise ValueError(f"{most} examples at most, but {first} at first")
    doubled = (first << k for k in range(most.bit_length()))
    sizes = (*takewhile(lambda size: size < most, doubled), most)
    level = (1 - confidence) / 2
    return tuple(size for size in sizes if spent(level, size / most) >= _LEAST_LEVEL)


def spent(level: float, fraction: float) -> float:
    """What of a one-sided ``level`` may be used up by an information ``fraction``:
    2 - 2 Φ(z / sqrt(t)) with Φ(z) = 1 - level / 2, the spending function of Lan & DeMets (1983)
    that resembles the boundaries of O'Brien & Fleming (1979): next to nothing early on."""
    z = -NormalDist().inv_cdf(level / 2)
    return math.erfc(z / math.sqrt(2 * fraction))

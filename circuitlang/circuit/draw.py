"""Deterministic draws: the same on every machine and for every number of examples.

Each thing that is drawn has a stream of its own, seeded by a text that names it, so that asking for
more examples, or adding a corruption, changes nothing that was drawn before.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator


class Stream:
    """Random numbers named by a seed and the thing that they are drawn for.

    Only `random.Random.getrandbits` is used: its bits follow from the seed alone, while the
    library's sampling functions may change between versions of Python.
    """

    def __init__(self, seed: int, *name: str | int) -> None:
        self._random = random.Random("/".join(map(str, (seed, *name))))

    def below(self, n: int) -> int:
        """A uniform integer in ``[0, n)``; ``n`` may be of any size."""
        if n < 1:
            raise ValueError(f"cannot draw one of {n}")
        bits = (n - 1).bit_length()
        value = self._random.getrandbits(bits)
        while value >= n:
            value = self._random.getrandbits(bits)
        return value


def shuffled(stream: Stream, n: int) -> Iterator[int]:
    """The numbers below ``n`` in random order, each once.

    A Fisher-Yates shuffle that stores only what it has moved: the first k numbers take O(k) memory
    whatever ``n`` is, and do not depend on how many are taken after them.
    """
    moved: dict[int, int] = {}
    for i in range(n):
        j = i + stream.below(n - i)
        chosen = moved.get(j, j)
        moved[j] = moved.pop(i, i)
        yield chosen


def unrank(rank: int, n: int, taken: Collection[int]) -> tuple[int, int]:
    """Reads one number below ``n`` that is not in ``taken`` off ``rank``.

    Returns the number and what is left of the rank. Over all ranks below the product of the numbers
    of choices, every combination comes up exactly once.
    """
    rest, number = divmod(rank, n - len(taken))
    for used in sorted(taken):
        if used > number:
            break
        number += 1
    return number, rest

"""What the executor hands back: one number an example for every request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from circuitlang.plan.request import Request


@dataclass(frozen=True, slots=True)
class Observation:
    """The reading of one request on every example, in the dataset's order.

    ``values`` may hold NaN or infinities where the model produced them; scoring reports those, it
    does not drop them. ``clusters`` names the template of each example: what examples share, and
    so the unit that a bootstrap resamples. ``seconds`` is wall time, shared work counted once.
    """

    values: tuple[float, ...]
    clusters: tuple[str, ...]
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if len(self.values) != len(self.clusters):
            raise ValueError(f"{len(self.values)} values but {len(self.clusters)} cluster names")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        """Mean over examples; NaN where there are none."""
        return sum(self.values) / len(self.values) if self.values else float("nan")


Observations = Mapping[Request, Observation]

# Called with the numbers of a batch, request by request, and the indices of its examples.
Keep = Callable[[Mapping[Request, Sequence[float]], Sequence[int]], None]

NOTHING_KNOWN: Observations = MappingProxyType({})

"""What every measure provides. One file a measure; `circuitlang.plan.measures` collects them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from circuitlang.circuit.circuit import Argument, Circuit
from circuitlang.plan.request import Request

# A mean over examples, or an array of resampled means; only arithmetic and `abs` are used on it.
Mean = Any
Means = Mapping[str, Mean]

ParameterKind = Literal["choice", "role", "position", "component", "integer", "search"]
Arguments = Mapping[str, Argument]


@dataclass(frozen=True)
class Parameter:
    """One argument of a measure.

    ``choice`` takes one of ``choices``; ``role``, ``position`` and ``component`` (a role or a node)
    take a name that the file declares; ``integer`` a number within ``bounds``; ``search`` one of
    ``choices``, which may take a size, as in ``random(20)``.
    """

    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    default: Argument | None = None
    bounds: tuple[int, int] = (1, 100_000)

    @property
    def required(self) -> bool:
        return self.default is None


@dataclass(frozen=True)
class Statistic:
    """An estimator as arithmetic on means over examples, so that a bootstrap can redo it.

    ``parts`` names one function of the labelled means a part (a member, a role, or ``""`` alone).
    ``fold`` says how the parts make the estimate. With ``absolute`` a part's value counts by its
    size: the interval is taken of the signed value first and folded afterwards, so that a true
    value of zero is not excluded by construction.
    ``denominator`` names a mean whose interval has to exclude zero for the estimate to mean anything.
    """

    parts: Mapping[str, Callable[[Means], Mean]]
    fold: Literal["only", "min", "max", "mean"] = "only"
    absolute: bool = False
    denominator: Callable[[Means], Mean] | None = None


@dataclass(frozen=True)
class Measure:
    """A registered measure.

    ``relative`` quantities are shares and may be claimed in percent. ``requests`` labels what has
    to be run; ``statistic`` says what to make of the means. Both are pure and cheap.
    ``formula`` is shown with every number.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    relative: Callable[[Arguments], bool]
    formula: Callable[[Arguments], str]
    requests: Callable[[Circuit, Arguments], Mapping[str, Request]]
    statistic: Callable[[Circuit, Arguments], Statistic]
    reference: str = ""
    needs_ratio_metric: Callable[[Arguments], bool] = field(default=lambda _: False)

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)


def labelled(measures: Sequence[Measure]) -> Mapping[str, Measure]:
    return {measure.name: measure for measure in measures}

"""B against A on the same prompts: how much more B keeps, how sure that is, and what carries it.

Records only; `circuitlang.score.paired` has the arithmetic. Every number is of B relative to A, so
that exchanging the two negates it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from circuitlang.score.verdict import Interval, Measured

Relation = Literal["EQUAL", "DIFFER", "UNDECIDED"]
Role = Literal["carries", "counters", "unclear"]


def negated(measured: Measured) -> Measured:
    value, (low, high) = measured
    return Measured(0.0 - value, Interval(0.0 - high, 0.0 - low))


class Witness(NamedTuple):
    """A prompt on which the two part, with what each and the model scores there: the metric, or
    the divergence from the model."""

    example: int
    template: str
    text: str
    model: float | None
    a: float
    b: float


@dataclass(frozen=True)
class Carried:
    """What one difference is worth, B's way of it over A's: ``in_a`` with all else as in A,
    ``in_b`` with all else as in B, and the ``mean`` of both. ``held`` is ``A``, ``B``, or ``both``
    for something kept at other positions. ``p`` is the two-sided p-value of "the mean is zero", and
    ``adjusted`` that with Benjamini and Hochberg's correction for all differences. Where it is at
    most the level, ``role`` is ``carries`` if the mean is on the side of the whole difference,
    ``counters`` if it is on the other."""

    name: str
    held: str
    in_a: Measured
    in_b: Measured
    mean: Measured
    p: float
    adjusted: float
    role: Role


@dataclass(frozen=True)
class Versus:
    """Two circuits measured on the same prompts, with the same ablation draws.

    ``difference`` is the faithfulness of B less that of A under ``form``, with a paired bootstrap
    interval; ``p`` is that of the paired permutation test that the two are exchangeable.
    ``relation`` is EQUAL where the interval lies within ± ``tolerance``, else DIFFER where it
    excludes zero and p is at most ``alpha``, else UNDECIDED. ``rest`` is what the means of
    ``carried`` leave of the difference: members acting together.
    """

    form: str
    formula: str
    percent: bool
    a: Measured
    b: Measured
    difference: Measured
    p: float
    alpha: float
    tolerance: float
    relation: Relation
    n: int
    confidence: float
    method: str
    permutations: int
    carried: tuple[Carried, ...] = ()
    rest: Measured | None = None
    witnesses: tuple[Witness, ...] = ()
    inputs: Mapping[str, Measured] | None = None
    reasons: tuple[str, ...] = ()

    @property
    def turned(self) -> Versus:
        """A against B: the same numbers, each negated or in the other's place."""
        sides = {"A": "B", "B": "A"}
        return replace(
            self,
            a=self.b,
            b=self.a,
            difference=negated(self.difference),
            rest=None if self.rest is None else negated(self.rest),
            carried=tuple(
                replace(
                    one,
                    held=sides.get(one.held, one.held),
                    in_a=negated(one.in_b),
                    in_b=negated(one.in_a),
                    mean=negated(one.mean),
                )
                for one in self.carried
            ),
            witnesses=tuple(w._replace(a=w.b, b=w.a) for w in self.witnesses),
            inputs=None
            if self.inputs is None
            else {
                _other(name): value for name, value in sorted(self.inputs.items(), key=_by_other)
            },
        )


def _other(name: str) -> str:
    return name.translate(str.maketrans("AB", "BA"))


def _by_other(item: tuple[str, Measured]) -> str:
    return _other(item[0])

"""The claims that are calibrated, on the circuit of one real spec."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

import circuitlang
from circuitlang.circuit.circuit import Argument, Circuit, Claim, Comparator, MeasureCall, Search
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Statistic
from circuitlang.syntax.source import NOWHERE

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "specs" / "ioi_smollm2.circuit"


@cache
def hypothesis() -> Circuit:
    return circuitlang.load(SPEC)


def call(measure: str, **arguments: Argument) -> MeasureCall:
    return MeasureCall(measure, MappingProxyType(arguments))


# `from` is a word of Python's.
_LOOKS = {"role": "name_mover", "from": "END", "to": "IO"}

RATIO = call("faithfulness", **{"as": "ratio"})
NORMALIZED = call("faithfulness", **{"as": "normalized"})
GAP = call("faithfulness", **{"as": "gap"})
KL = call("faithfulness", **{"as": "kl"})
EFFECT = call("effect", of="s_suppressor", direction="noising")
ATTENTION = call("attention", **_LOOKS, over="mean")
LEAST_ATTENTION = call("attention", **_LOOKS, over="min")
ACCURACY = call("accuracy", of="circuit")
METRIC = call("metric", of="model")
COMPLETENESS = call("completeness", search=Search("roles"))
MINIMALITY = call("minimality")


def statistic_of(asked: MeasureCall) -> Statistic:
    """What the measure makes of the means; its labels are those of the measure's requests."""
    return MEASURES[asked.name].statistic(hypothesis(), asked.arguments)


def claim(
    asked: MeasureCall, comparator: Comparator, threshold: float, tolerance: float | None = None
) -> Claim:
    return Claim(asked.name, asked, comparator, threshold, tolerance, False, "error", NOWHERE)

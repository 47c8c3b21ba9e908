"""How often the answer wins."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import Arguments, Measure, Parameter, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant

_SYMBOL = {"model": "M", "circuit": "C"}


def _formula(arguments: Arguments) -> str:
    return f"share of examples where {_SYMBOL[str(arguments['of'])]} prefers the answer"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    variant = MODEL if arguments["of"] == "model" else circuit_variant(circuit)
    return {"accuracy": Evaluation(variant, "accuracy")}


def _statistic(_circuit: Circuit, _arguments: Arguments) -> Statistic:
    return Statistic({"": mean("accuracy")}, proportion=True)


MEASURE = Measure(
    name="accuracy",
    summary="How often the answer beats `against` or, without it, every other token.",
    parameters=(Parameter("of", "choice", choices=("model", "circuit")),),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    covers=lambda arguments: ("task", "ablation", "size") if arguments["of"] == "circuit" else (),
)

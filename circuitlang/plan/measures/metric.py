"""The task's metric itself."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import Arguments, Measure, Parameter, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant, empty_variant

_SYMBOL = {"model": "M", "circuit": "C", "empty": "∅"}


def _formula(arguments: Arguments) -> str:
    return f"F({_SYMBOL[str(arguments['of'])]})"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    match arguments["of"]:
        case "model":
            variant = MODEL
        case "circuit":
            variant = circuit_variant(circuit)
        case _:
            variant = empty_variant(circuit)
    return {"metric": Evaluation(variant)}


def _statistic(_circuit: Circuit, _arguments: Arguments) -> Statistic:
    return Statistic({"": mean("metric")})


MEASURE = Measure(
    name="metric",
    summary="The task's metric, in its own unit, of the model, the circuit or nothing kept.",
    parameters=(Parameter("of", "choice", choices=("model", "circuit", "empty")),),
    relative=lambda _: False,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    covers=lambda arguments: ("task", "ablation", "size") if arguments["of"] == "circuit" else (),
)

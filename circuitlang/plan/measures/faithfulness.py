"""How much of the behaviour the circuit keeps."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import Arguments, Measure, Parameter, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant, empty_variant

_FORMULAS = {
    "ratio": "F(C) / F(M)",
    "normalized": "(F(C) − F(∅)) / (F(M) − F(∅))",
    "gap": "|F(C) − F(M)|",
    "kl": "mean KL(p_M ‖ p_C)",
}


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    kept = circuit_variant(circuit)
    if arguments["as"] == "kl":
        return {"kl": Evaluation(kept, "kl")}
    runs = {"M": Evaluation(MODEL), "C": Evaluation(kept)}
    if arguments["as"] == "normalized":
        runs["∅"] = Evaluation(empty_variant(circuit))
    return runs


def _statistic(_circuit: Circuit, arguments: Arguments) -> Statistic:
    inputs = {"F(M)": mean("M"), "F(C)": mean("C")}
    match arguments["as"]:
        case "ratio":
            return Statistic(
                {"": lambda f: f["C"] / f["M"]},
                denominator=mean("M"),
                positive=True,
                inputs=inputs,
            )
        case "normalized":
            return Statistic(
                {"": lambda f: (f["C"] - f["∅"]) / (f["M"] - f["∅"])},
                denominator=lambda f: f["M"] - f["∅"],
                inputs={**inputs, "F(∅)": mean("∅")},
            )
        case "gap":
            return Statistic({"": lambda f: f["C"] - f["M"]}, absolute=True, inputs=inputs)
        case _:
            return Statistic({"": mean("kl")})


MEASURE = Measure(
    name="faithfulness",
    summary="How much of the model's behaviour is left when only the circuit is kept.",
    parameters=(Parameter("as", "choice", choices=tuple(_FORMULAS)),),
    relative=lambda arguments: arguments["as"] in ("ratio", "normalized"),
    formula=lambda arguments: _FORMULAS[str(arguments["as"])],
    requests=_requests,
    statistic=_statistic,
    reference=(
        "`ratio`, `gap`: Wang et al. 2022 (arXiv:2211.00593), sec. 4; "
        "`normalized`: Marks et al. 2024 (arXiv:2403.19647); "
        "`kl`: Conmy et al. 2023 (arXiv:2304.14997)"
    ),
    needs_ratio_metric=lambda arguments: arguments["as"] == "ratio",
    covers=lambda _: ("task", "ablation", "size", "random"),
    kept=lambda arguments: "kl" if arguments["as"] == "kl" else "C",
)

"""What one component does in the full model: activation patching, in both directions."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures._change import relative_change
from circuitlang.plan.measures.base import (
    Arguments,
    Measure,
    Misuse,
    Parameter,
    Statistic,
    components,
    mean,
)
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, knockout_variant, patched_variant


def _is_noising(arguments: Arguments) -> bool:
    return arguments.get("direction", "noising") == "noising"


def _label(arguments: Arguments) -> str:
    if _is_noising(arguments):
        return f"M∖{arguments['of']}"
    return f"M̃+{arguments['of']}"


def _formula(arguments: Arguments) -> str:
    changed = f"F({_label(arguments)})"
    if _is_noising(arguments):
        return f"({changed} − F(M)) / F(M)"
    return f"({changed} − F(M̃)) / (F(M) − F(M̃)), M̃ = the run on corrupt prompts"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    changed = components(circuit, arguments["of"])
    if _is_noising(arguments):
        knocked_out = knockout_variant(circuit, changed)
        return {"M": Evaluation(MODEL), _label(arguments): Evaluation(knocked_out)}
    return {
        "M": Evaluation(MODEL),
        "M̃": Evaluation(patched_variant(circuit, frozenset())),
        _label(arguments): Evaluation(patched_variant(circuit, changed)),
    }


def _statistic(_circuit: Circuit, arguments: Arguments) -> Statistic:
    label = _label(arguments)
    if _is_noising(arguments):
        return relative_change(label)
    return Statistic(
        {"": lambda f: (f[label] - f["M̃"]) / (f["M"] - f["M̃"])},
        denominator=lambda f: f["M"] - f["M̃"],
        inputs={"F(M)": mean("M"), "F(M̃)": mean("M̃"), f"F({label})": mean(label)},
    )


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    ablation = circuit.policy.ablation
    if _is_noising(arguments) or ablation.kind in ("resample", "counterfactual"):
        return None
    corrupt = ablation.corrupt or next(iter(circuit.task.corruptions), "NAME")
    return Misuse(
        "no-corrupt-run",
        f"denoising starts from a run on corrupt prompts, and `{ablation}` is no run of the model",
        "direction",
        f"set `ablation = counterfactual(corrupt={corrupt})` in the policy",
    )


MEASURE = Measure(
    name="effect",
    summary=(
        "What a role or a node does, over every path. `noising`: the change when it is ablated in "
        "the model, negative where it helps. `denoising`: the share that comes back when it alone "
        "sends its clean value in the run on corrupt prompts. A member is changed at its circuit "
        "positions, any other node everywhere."
    ),
    parameters=(
        Parameter("of", "component"),
        Parameter("direction", "choice", choices=("noising", "denoising"), default="noising"),
    ),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference=(
        "Wang et al. 2022 (arXiv:2211.00593), sec. 2.1 (knockout); Heimersheim & Nanda 2024 "
        "(arXiv:2404.15255), sec. 2; Zhang & Nanda 2023 (arXiv:2309.16042)"
    ),
    needs_ratio_metric=_is_noising,
    misuse=_misuse,
    covers=lambda _: ("task", "size"),
)

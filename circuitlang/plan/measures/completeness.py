"""Whether the circuit reacts to damage as the model does."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit, Search
from circuitlang.plan.measures.base import Arguments, Combine, Measure, Parameter, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant, knockout_variant


def _requests(circuit: Circuit, _arguments: Arguments) -> Mapping[str, Evaluation]:
    runs = {"M": Evaluation(MODEL)}
    for role in circuit.roles.values():
        removed = frozenset(role.nodes)
        runs[f"C∖{role.name}"] = Evaluation(circuit_variant(circuit, without=removed))
        runs[f"M∖{role.name}"] = Evaluation(knockout_variant(circuit, removed))
    return runs


def _share(role: str) -> Combine:
    return lambda f: (f[f"C∖{role}"] - f[f"M∖{role}"]) / f["M"]


def _statistic(circuit: Circuit, _arguments: Arguments) -> Statistic:
    return Statistic(
        {role: _share(role) for role in circuit.roles},
        fold="max",
        absolute=True,
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M")},
        part_inputs={
            role: {"F(C∖K)": mean(f"C∖{role}"), "F(M∖K)": mean(f"M∖{role}")}
            for role in circuit.roles
        },
    )


MEASURE = Measure(
    name="completeness",
    summary=(
        "How far circuit and model part when the same role K is removed from both; small is good. "
        "A member of two roles is removed at the positions of both."
    ),
    parameters=(Parameter("search", "search", choices=("roles",), default=Search("roles")),),
    relative=lambda _: True,
    formula=lambda _: "max over roles K of |F(C∖K) − F(M∖K)| / F(M)",
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 4.1",
    needs_ratio_metric=lambda _: True,
)

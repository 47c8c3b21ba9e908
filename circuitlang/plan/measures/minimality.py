"""Whether every member matters."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures.base import Arguments, Combine, Measure, Statistic, mean
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant


def _requests(circuit: Circuit, _arguments: Arguments) -> Mapping[str, Evaluation]:
    runs = {"M": Evaluation(MODEL), "C": Evaluation(circuit_variant(circuit))}
    for node in circuit.members:
        runs[f"C∖{node}"] = Evaluation(circuit_variant(circuit, without=frozenset({node})))
    return runs


def _change(node: str) -> Combine:
    return lambda f: (f[f"C∖{node}"] - f["C"]) / f["M"]


def classify(low: float, high: float, bound: float) -> str:
    """A member's place by the signed interval of its change: ``load-bearing`` where removing it
    lowers F by at least the bound, ``harmful`` where that raises F by at least the bound,
    ``redundant`` where F moves by less either way, ``unclear`` where the interval straddles."""
    if high <= -bound and high < 0:
        return "load-bearing"
    if low >= bound and low > 0:
        return "harmful"
    if -bound < low and high < bound:
        return "redundant"
    return "unclear"


def _statistic(circuit: Circuit, _arguments: Arguments) -> Statistic:
    names = [str(node) for node in circuit.members]
    return Statistic(
        {name: _change(name) for name in names},
        fold="min",
        absolute=True,
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M"), "F(C)": mean("C")},
        part_inputs={name: {"F(C∖{v})": mean(f"C∖{name}")} for name in names},
        classify=classify,
    )


MEASURE = Measure(
    name="minimality",
    summary="The least that removing any one member v changes the circuit; large is good.",
    parameters=(),
    relative=lambda _: True,
    formula=lambda _: "min over members v of |F(C∖{v}) − F(C)| / F(M)",
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 4.2, with K = ∅",
    needs_ratio_metric=lambda _: True,
    covers=lambda _: ("task", "ablation", "size"),
)

"""Whether every member matters."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit, Search
from circuitlang.plan.hypothesis import AgainstAdded, Change, fewest
from circuitlang.plan.measures.base import (
    Arguments,
    Combine,
    Measure,
    Parameter,
    Statistic,
    mean,
)
from circuitlang.plan.random_paths import Part, random_additions
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, circuit_variant, extended, pruned

_NO_TEST = Search("none")


def _test_of(arguments: Arguments) -> Search | None:
    """The test that is asked for, if one is."""
    given = arguments.get("test", _NO_TEST)
    search = given if isinstance(given, Search) else Search(str(given))
    return None if search == _NO_TEST else search


def _is_plain(arguments: Arguments) -> bool:
    return _test_of(arguments) is None


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    test = _test_of(arguments)
    if test is not None:
        return _inflated(circuit, test)
    runs = {"M": Evaluation(MODEL), "C": Evaluation(circuit_variant(circuit))}
    for node in circuit.members:
        runs[f"C∖{node}"] = Evaluation(circuit_variant(circuit, without=frozenset({node})))
    return runs


def _inflated(circuit: Circuit, test: Search) -> Mapping[str, Evaluation]:
    """The circuit without each part, and inflated by a random path with and without a part of it.
    All are on all examples, so that they are the runs of `minimality()` too."""
    whole = circuit_variant(circuit)
    runs = {"C": Evaluation(whole)}
    for part in _parts(circuit):
        runs[f"C∖{part}"] = Evaluation(pruned(whole, part))
    for i, (added, removed) in enumerate(random_additions(circuit, test.size or 0), start=1):
        rest = {part: at for part, at in added.items() if part != removed}
        runs[f"C+{i}"] = Evaluation(extended(whole, added))
        runs[f"C+{i}∖{i}"] = Evaluation(extended(whole, rest))
    return runs


def _parts(circuit: Circuit) -> tuple[Part, ...]:
    """What the circuit claims: its members, or its edges where those are what is kept."""
    edges = circuit.policy.granularity == "edges"
    return tuple(circuit.claimed_edges) if edges else tuple(circuit.members)


def _change(node: str) -> Combine:
    return lambda f: (f[f"C∖{node}"] - f["C"]) / f["M"]


def _difference(part: str) -> Combine:
    return lambda f: f[f"C∖{part}"] - f["C"]


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


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    test = _test_of(arguments)
    if test is not None:
        return _against_added(circuit, test)
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


def _against_added(circuit: Circuit, test: Search) -> Statistic:
    names = [str(part) for part in _parts(circuit)]
    number = len(random_additions(circuit, test.size or 0))
    return Statistic(
        {name: _difference(name) for name in names},
        fold="min",
        absolute=True,
        part_inputs={name: {"F(C∖{v})": mean(f"C∖{name}")} for name in names},
        test=AgainstAdded(
            {name: Change("C", f"C∖{name}") for name in names},
            tuple(Change(f"C+{i}", f"C+{i}∖{i}") for i in range(1, number + 1)),
        ),
    )


def _formula(arguments: Arguments) -> str:
    test = _test_of(arguments)
    if test is None:
        return "min over members v of |F(C∖{v}) − F(C)| / F(M)"
    return (
        "least p (Holm) over parts v of P(δ(v) > δ(a)) ≥ 0.9, a one part of one of "
        f"{test.size or 'n'} random paths added to C, δ = mean change of s, squared"
    )


def _null(arguments: Arguments) -> str | None:
    if _is_plain(arguments):
        return None
    return "each part changes the circuit more than 90% of parts that are added at random do"


MEASURE = Measure(
    name="minimality",
    summary=(
        "The least that removing any one member v changes the circuit; large is good. With "
        "`test=inflated(n)` a test of every member or, under granularity `edges`, every claimed "
        "edge, whose value is a p-value: small where one of them changes less than parts added at "
        "random do. Not rejecting is no proof of minimality."
    ),
    parameters=(
        Parameter(
            "test",
            "search",
            choices=(str(_NO_TEST), "inflated(n)"),
            default=_NO_TEST,
            bounds=(fewest(0.05), 1000),
            size=50,
        ),
    ),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference=(
        "Wang et al. 2022 (arXiv:2211.00593), sec. 4.2, with K = ∅; `inflated`: Shi et al. 2024 "
        "(arXiv:2410.13032), minimality test"
    ),
    needs_ratio_metric=_is_plain,
    null=_null,
    covers=lambda _: ("task", "ablation", "size"),
)

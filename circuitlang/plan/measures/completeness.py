"""Whether the circuit reacts to damage as the model does."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from circuitlang.circuit.circuit import Circuit, Search
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.circuit.names import Node
from circuitlang.plan.measures._greedy import follow, most_variants
from circuitlang.plan.measures.base import (
    Arguments,
    Combine,
    Measure,
    Parameter,
    Posed,
    Statistic,
    mean,
)
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Evaluation, Half
from circuitlang.plan.variant import MODEL, circuit_variant, knockout_variant

Sets = Mapping[str, frozenset[Node]]
_ROLES = Search("roles")


def random_sets(circuit: Circuit, number: int) -> Sets:
    """``number`` sets of members, each member in a set with probability 1/2 (Wang et al. 2022,
    sec. 4.1); never the empty set, and never one twice: all of them where there are fewer.

    A set is a number of as many bits as there are members. Fewer sets are the first of more.
    """
    members = tuple(circuit.members)
    stream = Stream(circuit.policy.seed, "completeness", "random")
    drawn = islice(shuffled(stream, 2 ** len(members) - 1), number)
    return {
        f"K{i}": frozenset(node for bit, node in enumerate(members) if bits + 1 >> bit & 1)
        for i, bits in enumerate(drawn, start=1)
    }


def _search_of(arguments: Arguments) -> Search:
    given = arguments.get("search", _ROLES)
    return given if isinstance(given, Search) else Search(str(given))


def _sets(circuit: Circuit, arguments: Arguments) -> Sets:
    search = _search_of(arguments)
    if search.kind == "random":
        return random_sets(circuit, search.size or 0)
    return {role.name: frozenset(role.nodes) for role in circuit.roles.values()}


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    return _reads(circuit, _sets(circuit, arguments))


def _reads(circuit: Circuit, sets: Sets, half: Half | None = None) -> Mapping[str, Evaluation]:
    runs = {"M": Evaluation(MODEL, half=half)}
    for name, removed in sets.items():
        kept = circuit_variant(circuit, without=removed)
        runs[f"C∖{name}"] = Evaluation(kept, half=half)
        runs[f"M∖{name}"] = Evaluation(knockout_variant(circuit, removed), half=half)
    return runs


def _share(name: str) -> Combine:
    return lambda f: (f[f"C∖{name}"] - f[f"M∖{name}"]) / f["M"]


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    listed = _search_of(arguments).kind != "roles"
    return _maximum(_sets(circuit, arguments), listed)


def _maximum(
    sets: Sets, listed: bool, half: Half | None = None, searched: Mapping[str, float] | None = None
) -> Statistic:
    return Statistic(
        {name: _share(name) for name in sets},
        fold="max",
        absolute=True,
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M")},
        part_inputs={
            name: {"F(C∖K)": mean(f"C∖{name}"), "F(M∖K)": mean(f"M∖{name}")} for name in sets
        },
        members={k: tuple(map(str, sorted(nodes))) for k, nodes in sets.items()} if listed else {},
        half=half,
        searched=searched or {},
    )


def _greedy(circuit: Circuit, arguments: Arguments, known: Observations) -> Posed | None:
    search = _search_of(arguments)
    if search.kind != "greedy":
        return None
    found = follow(circuit, search.size or 0, known)
    if found.sets is None:
        return Posed({}, None, found.asks)
    statistic = _maximum(found.sets, True, "report", found.searched)
    return Posed(_reads(circuit, found.sets, "report"), statistic, found.asks)


def _most(circuit: Circuit, arguments: Arguments) -> int:
    search = _search_of(arguments)
    return most_variants(circuit, search.size or 0) if search.kind == "greedy" else 0


def _formula(arguments: Arguments) -> str:
    search = _search_of(arguments)
    kind = search.kind.removesuffix("(n)")
    what = "roles K" if kind == "roles" else f"{search.size or 'n'} {kind} sets K"
    unseen = ", on examples that the search did not see" if kind == "greedy" else ""
    return f"max over {what} of |F(C∖K) − F(M∖K)| / F(M){unseen}"


MEASURE = Measure(
    name="completeness",
    summary=(
        "How far circuit and model part when the same set K of members is removed from both; small "
        "is good. A member of two roles is removed at the positions of both."
    ),
    parameters=(
        Parameter(
            "search",
            "search",
            choices=("roles", "random(n)", "greedy(n)"),
            default=_ROLES,
            bounds=(1, 100),
        ),
    ),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 4.1",
    needs_ratio_metric=lambda _: True,
    search=_greedy,
    most_searched=_most,
    covers=lambda _: ("task", "ablation", "size"),
)

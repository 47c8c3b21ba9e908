"""How much one head reads of what another writes, by their weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import PORTS, Node, Port, feeds
from circuitlang.plan.measures._heads import OVER, fold
from circuitlang.plan.measures.base import (
    Arguments,
    Combine,
    Measure,
    Misuse,
    Parameter,
    Statistic,
    components,
    mean,
)
from circuitlang.plan.request import Composition

_PRODUCT = {"q": "W_QKᵀ W_OV", "k": "W_QK W_OV", "v": "W_OV′ W_OV"}
_SECOND = {"q": "W_QK", "k": "W_QK", "v": "W_OV′"}


def _pairs(circuit: Circuit, arguments: Arguments) -> Mapping[str, tuple[Node, Node]]:
    """Every head of ``from`` with every later head of ``to``."""
    return {
        f"{source} → {target}": (source, target)
        for source in sorted(components(circuit, arguments["from"]))
        for target in sorted(components(circuit, arguments["to"]))
        if feeds(source, target)
    }


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Composition]:
    draws, seed = int(str(arguments["draws"])), circuit.policy.seed
    via = cast(Port, arguments["via"])
    found: dict[str, Composition] = {}
    for name, (source, target) in _pairs(circuit, arguments).items():
        found[name] = Composition(source, target, via, "score", draws, seed)
        found[_random(name)] = Composition(source, target, via, "random", draws, seed)
    return found


def _random(pair: str) -> str:
    return f"{pair}, random"


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    pairs = tuple(_pairs(circuit, arguments))
    return Statistic(
        {pair: _excess(pair) for pair in pairs},
        fold=fold(arguments),
        simulated=True,
        part_inputs={pair: {"score": mean(pair), "random": mean(_random(pair))} for pair in pairs},
    )


def _excess(pair: str) -> Combine:
    return lambda means: means[pair] - means[_random(pair)]


def _formula(arguments: Arguments) -> str:
    via = str(arguments["via"])
    product, second = _PRODUCT[via], _SECOND[via]
    return (
        f"{arguments['over']} over pairs {arguments['from']} → {arguments['to']} of "
        f"‖{product}‖ / (‖{second}‖ ‖W_OV‖) less that of random orientations, "
        f"{arguments['draws']} draws"
    )


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    for argument in ("from", "to"):
        for node in components(circuit, arguments[argument]):
            if node.kind != "head":
                return Misuse(
                    "not-a-head",
                    f"attention heads were needed, but `{node}` is an MLP",
                    argument,
                )
    if not _pairs(circuit, arguments):
        return Misuse(
            "backward-edge",
            f"nothing in `{arguments['to']}` reads what `{arguments['from']}` writes: it is "
            "computed earlier",
            "from",
        )
    draws, confidence = int(str(arguments["draws"])), circuit.policy.confidence
    needed = draws_needed(confidence)
    if draws < needed:
        return Misuse(
            "out-of-bounds",
            f"`draws` is {draws}, and the {confidence * 100:g}% of them in the middle need "
            f"{needed:,} at least",
            "draws",
            f"write `draws={needed}`",
        )
    return None


def draws_needed(confidence: float) -> int:
    """So many that one of them lies in each tail: (n + 1)(1 − confidence) / 2 >= 1."""
    return round(2 / (1 - confidence)) - 1


MEASURE = Measure(
    name="composition",
    summary=(
        "How much later heads read of what earlier heads write, by weights alone, in excess of "
        "pairs of matrices with the same singular values in random orientations. The interval is "
        "where the excess over one random pair lies."
    ),
    parameters=(
        Parameter("from", "component", heads_only=True),
        Parameter("to", "component", heads_only=True),
        Parameter("via", "choice", choices=PORTS),
        Parameter("draws", "integer", default=1000, bounds=(39, 10_000)),
        OVER,
    ),
    relative=lambda _: False,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference=(
        "Elhage et al. 2021 (transformer-circuits.pub/2021/framework), sec. on composition; the "
        "random pairs are ours"
    ),
    misuse=_misuse,
    covers=lambda _: ("size",),
)

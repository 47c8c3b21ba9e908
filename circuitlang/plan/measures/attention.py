"""Where a role's heads look."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures._heads import OVER, ROLE, fold_heads, heads, prefix
from circuitlang.plan.measures.base import Arguments, Measure, Parameter
from circuitlang.plan.request import Attention


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Attention]:
    source, target = str(arguments["from"]), str(arguments["to"])
    return {str(h): Attention(h, source, target) for h in heads(circuit, arguments)}


MEASURE = Measure(
    name="attention",
    summary="The mean attention probability that a role's heads put from one position on another.",
    parameters=(ROLE, Parameter("from", "position"), Parameter("to", "position"), OVER),
    relative=lambda _: True,
    formula=lambda a: f"{prefix(a)} mean A_h[{a['from']} → {a['to']}]",
    requests=_requests,
    statistic=fold_heads,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 3",
    covers=lambda _: ("size",),
)

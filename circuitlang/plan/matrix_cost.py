"""What a sensitivity matrix costs, run as one plan and cell by cell, in naive forward passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.ablations import by_ablation
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sample import sample_of
from circuitlang.plan.sensitivity import ESTIMATORS, Matrix
from circuitlang.plan.sharing import distinct_variants, grouped
from circuitlang.plan.variant import MODEL, removes


@dataclass(frozen=True)
class MatrixCost:
    """``cells`` of ``claims``, of which ``possible`` can exist. ``together`` are the forward passes
    of one example that all cells need in one plan, ``alone`` those of one run for each setting
    (both estimators read the same run)."""

    claims: int
    cells: int
    possible: int
    together: int
    alone: int


def matrix_cost(matrix: Matrix, known: Observations = NOTHING_KNOWN) -> MatrixCost:
    """Counts on the plan; where a claim searches, of what it asks for given what is ``known``."""
    settings = [one for one in matrix.settings if one.circuit is not None]
    return MatrixCost(
        claims=len(matrix.claims),
        cells=len(matrix.claims) * len(matrix.settings) * len(ESTIMATORS),
        possible=len(settings) * sum(_estimators(matrix.circuit, one) for one in matrix.claims),
        together=passes_of(matrix.requests(known), matrix.circuit),
        alone=sum(passes_of(matrix.requests_under(one, known), matrix.circuit) for one in settings),
    )


def _estimators(circuit: Circuit, claim: Claim) -> int:
    statistic = pose(circuit, claim).statistic
    single = statistic is not None and (statistic.denominator is None or statistic.test is not None)
    return 1 if single else len(ESTIMATORS)


def passes_of(requests: Iterable[Request], circuit: Circuit) -> int:
    """Forward passes of one example: each variant under each of its ablations, the unmodified model
    once for all of them, and each corrupt prompt once."""
    total, metric = circuit.policy.examples, circuit.task.metric.name
    evaluations = [request for request in requests if isinstance(request, Evaluation)]
    passes = 0
    corrupt = False
    for sample, group in grouped(evaluations, sample_of).items():
        removing = by_ablation((r for r in group if removes(r.variant)), circuit.policy.ablation)
        runs = sum(len({request.variant for request in same}) for same in removing.values())
        runs += MODEL in distinct_variants(group, metric)
        passes += runs * sample.size(total)
        corrupt |= any(ablation.kind != "zero" for ablation in removing)
    return passes + corrupt * total

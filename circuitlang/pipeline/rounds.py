"""Plan, run what is missing, plan again: until nothing is missing.

A search asks for more once its first answers are in. Each round replays the search from its start
on all that is known, so there is no state to keep: a run that was interrupted goes on where its
answers end, as long as they were kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import MappingProxyType

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Request
from circuitlang.plan.sensitivity import Matrix

Measure = Callable[[tuple[Request, ...]], Observations]


def observe(
    circuit: Circuit,
    only: Collection[str] | None,
    measure: Measure,
    matrix: Matrix | None = None,
) -> Observations:
    """Everything that the claims of the circuit read, or those named in ``only``, and what the
    cells of a ``matrix`` do, in the same rounds.

    ``measure`` is called once a round with the requests that are not answered yet, and has to
    answer all of them. Raises ValueError if it does not.
    """
    known = NOTHING_KNOWN
    while missing := unanswered(circuit, only, known, matrix):
        found = measure(missing)
        if left := [request for request in missing if request not in found]:
            raise ValueError(f"{len(left)} of {len(missing)} requests were not answered")
        known = MappingProxyType({**known, **found})
    return known


def unanswered(
    circuit: Circuit,
    only: Collection[str] | None,
    known: Observations,
    matrix: Matrix | None = None,
) -> tuple[Request, ...]:
    """What has to be run next."""
    asked = make_plan(circuit, only, known).requests
    if matrix is not None:
        asked = (*asked, *matrix.requests(known))
    return tuple(r for r in dict.fromkeys(asked) if r not in known)

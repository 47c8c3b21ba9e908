"""The plan: every request that the claims of a circuit need, each once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.cover import cover_circuits, cover_requests
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Posed
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.request import Request


@dataclass(frozen=True)
class Plan:
    """``requests`` are distinct, in the order in which claims first ask for them. ``needs`` maps
    each claim's name to what its measure reads, by the measure's own labels, and to what its covers
    read, under labels that begin with ``cover``."""

    requests: tuple[Request, ...]
    needs: Mapping[str, Mapping[str, Request]]

    def users(self, request: Request) -> tuple[str, ...]:
        """The claims that read a request."""
        return tuple(claim for claim, reads in self.needs.items() if request in reads.values())


def make_plan(
    circuit: Circuit,
    only: Collection[str] | None = None,
    known: Observations = NOTHING_KNOWN,
) -> Plan:
    """What has to be run to judge the circuit's claims, or those named in ``only``.

    A claim that searches asks for more once its first answers are ``known``: the plan is whole when
    it asks for nothing that is not (`circuitlang.pipeline.rounds`). Pure and deterministic: equal
    circuits and answers give equal plans.

    Raises
    ------
    ValueError
        If ``only`` names a claim that the circuit does not have.
    """
    drawn = cover_circuits(circuit)
    needs = {
        claim.name: MappingProxyType(
            {
                **requests_of(circuit, claim, known),
                **{f"cover {k}": v for k, v in cover_requests(circuit, claim, drawn).items()},
            }
        )
        for claim in selected(circuit, only)
    }
    requests = dict.fromkeys(request for reads in needs.values() for request in reads.values())
    return Plan(tuple(requests), MappingProxyType(needs))


def requests_of(
    circuit: Circuit, claim: Claim, known: Observations = NOTHING_KNOWN
) -> Mapping[str, Request]:
    """What one claim's measure asks for, by label."""
    return pose(circuit, claim, known).requests


def pose(circuit: Circuit, claim: Claim, known: Observations = NOTHING_KNOWN) -> Posed:
    """One claim's measure, given what is known."""
    return MEASURES[claim.measure.name].pose(circuit, claim.measure.arguments, known)


def selected(circuit: Circuit, only: Collection[str] | None = None) -> tuple[Claim, ...]:
    """The claims named in ``only``, or all, in the order of the file; ValueError on a name that
    no claim has."""
    if only is None:
        return circuit.claims
    known = {claim.name for claim in circuit.claims}
    if unknown := sorted(set(only) - known):
        listed = ", ".join(f"`{name}`" for name in unknown)
        raise ValueError(f"{circuit.name} has no claim {listed}; it has {', '.join(sorted(known))}")
    return tuple(claim for claim in circuit.claims if claim.name in set(only))

"""The sensitivity matrix: the same claims under the choices that a policy has to make.

Miller, Chughtai & Saunders 2024 (arXiv:2407.08734) measured published circuits under other
granularities, ablations and positions than their authors had, and found anything from a broken
circuit to one that beats the model. Here each combination is a circuit with another policy; what
all of them ask for is one set of requests, answered in one run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from circuitlang.circuit.circuit import Ablation, Circuit, Claim, Granularity
from circuitlang.circuit.expand import with_policy
from circuitlang.plan.ablations import Seen, under
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.plan import pose, requests_of, selected
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import removes

AblationKind = Literal["zero", "mean", "resample", "counterfactual"]
PositionsKept = Literal["named", "all"]
Estimator = Literal["ratio of means", "mean of ratios"]

GRANULARITIES: tuple[Granularity, ...] = ("nodes", "edges")
ABLATIONS: tuple[AblationKind, ...] = ("zero", "mean", "resample", "counterfactual")
POSITIONS: tuple[PositionsKept, ...] = ("named", "all")
ESTIMATORS: tuple[Estimator, ...] = ("ratio of means", "mean of ratios")

# Which claims are measured again: those of faithfulness, or all that read something ablated.
Which = Literal["faithfulness", "all"]
# Why values of some kind are not to be had from the data.
Obstacles = Mapping[AblationKind, str]
NO_OBSTACLES: Obstacles = {}


@dataclass(frozen=True)
class Setting:
    """One combination of choices, and the circuit under it; None, with the ``reason``, where there
    is none."""

    granularity: Granularity
    ablation: AblationKind
    positions: PositionsKept
    circuit: Circuit | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Matrix:
    """``claims`` of ``circuit`` under every one of the ``settings``."""

    circuit: Circuit
    claims: tuple[Claim, ...]
    settings: tuple[Setting, ...]

    def seen(self, setting: Setting, known: Observations) -> Observations:
        """What is known, for a circuit under the setting's own ablation."""
        if setting.circuit is None:
            return NOTHING_KNOWN
        policy = self.circuit.policy.ablation
        return Seen(known, setting.circuit.policy.ablation, policy)

    def own(self, setting: Setting) -> bool:
        """Whether these are the choices of the file."""
        policy = self.circuit.policy
        return (setting.granularity, setting.ablation, setting.positions) == (
            policy.granularity,
            policy.ablation.kind,
            policy.positions,
        )

    def requests(self, known: Observations = NOTHING_KNOWN) -> tuple[Request, ...]:
        """Everything that the cells ask for, each once, given what is ``known``."""
        asked = (r for one in self.settings for r in self.requests_under(one, known))
        return tuple(dict.fromkeys(asked))

    def requests_under(
        self, setting: Setting, known: Observations = NOTHING_KNOWN
    ) -> Iterator[Request]:
        """What the claims ask for under one setting. Both estimators read the same."""
        if setting.circuit is None:
            return
        ablation, seen = setting.circuit.policy.ablation, self.seen(setting, known)
        for claim in self.claims:
            for request in pose(setting.circuit, claim, seen).requests.values():
                yield under(request, ablation, self.circuit.policy.ablation)


def matrix_of(
    circuit: Circuit,
    which: Which = "faithfulness",
    only: Collection[str] | None = None,
    obstacles: Obstacles = NO_OBSTACLES,
) -> Matrix:
    """The matrix of the circuit's claims, or of those among them that are named in ``only``.

    Raises ShapeNeededError as `circuitlang.plan.plan.make_plan` does.
    """
    claims = tuple(
        claim for claim in selected(circuit, only) if _is_asked_for(circuit, claim, which)
    )
    settings = (
        _setting(circuit, *choices, obstacles)
        for choices in product(GRANULARITIES, ABLATIONS, POSITIONS)
    )
    return Matrix(circuit, claims, tuple(settings))


def ablation_of(circuit: Circuit, kind: AblationKind) -> Ablation | None:
    """The policy's ablation turned into one of that kind: with its corruption, or the first of the
    task where it has none. None where the task has none either."""
    policy = circuit.policy.ablation
    if policy.kind == kind:
        return policy
    if kind == "zero":
        return Ablation("zero")
    corrupt = corruption_of(circuit)
    return None if corrupt is None else Ablation(kind, corrupt)


def corruption_of(circuit: Circuit) -> str | None:
    """The corruption that the cells take values from."""
    return circuit.policy.ablation.corrupt or next(iter(circuit.task.corruptions), None)


def _is_asked_for(circuit: Circuit, claim: Claim, which: Which) -> bool:
    if which == "faithfulness":
        return claim.measure.name == "faithfulness"
    asked = requests_of(circuit, claim).values()
    return any(isinstance(one, Evaluation) and removes(one.variant) for one in asked)


def _setting(
    circuit: Circuit,
    granularity: Granularity,
    kind: AblationKind,
    positions: PositionsKept,
    obstacles: Obstacles,
) -> Setting:
    ablation = ablation_of(circuit, kind)
    reason = None
    if ablation is None:
        reason = "the task has no corruption"
    elif kind in obstacles:
        reason = obstacles[kind]
    elif granularity == "edges" and not circuit.claimed_edges:
        reason = "the file declares no edges"
    elif granularity == "nodes" and not circuit.members:
        reason = "the file names no members"
    if ablation is None or reason is not None:
        return Setting(granularity, kind, positions, reason=reason)
    # Random circuits are the business of the claim itself.
    policy = replace(
        circuit.policy,
        granularity=granularity,
        ablation=ablation,
        positions=positions,
        cover=None,
    )
    same = positions == circuit.policy.positions
    found = replace(circuit, policy=policy) if same else with_policy(circuit, policy)
    return Setting(granularity, kind, positions, found)

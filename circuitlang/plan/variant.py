"""Variants: the one intermediate form of every causal experiment.

A decoder is a graph of components that read sums and write to a sum. A variant tells each edge,
at each position, which version of its source to carry. Everything that the measures ask for
(a circuit, a knock-out, leave-one-out) is a variant; a new measure is a new way to enumerate them.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import INPUT, Edge, Node
from circuitlang.circuit.positions import EVERYWHERE, Positions


class Version(Enum):
    """What an edge carries: the value computed in this run, or the policy's ablated value."""

    LIVE = "live"
    ABLATED = "ablated"

    # Of the object, not of its name: variants are hashed whole, and hold thousands of these.
    __hash__ = object.__hash__


class Override(NamedTuple):
    """``what`` carries ``version`` at ``at``. A node stands for all edges that leave it; an edge
    overrides its source's node."""

    what: Node | Edge
    at: Positions
    version: Version


class Variant(NamedTuple):
    """Every edge carries ``default`` except where an override says otherwise.

    Overrides of one kind apply in order, the later one winning where two overlap; those on edges
    apply after those on nodes. Equal variants have equal overrides: build them with the functions
    below, which sort.

    Overrides of one thing combine by the *names* of their positions. Where one token bears two
    names, that is exact for what the functions below build (names added to nothing, or taken from
    everything) and not for every mixture: "live at A, then ablated at B" leaves a token live that
    bears both.
    """

    default: Version
    overrides: tuple[Override, ...] = ()


MODEL = Variant(Version.LIVE)


def removes(variant: Variant) -> bool:
    """Whether anything in the variant is ablated."""
    ablated = Version.ABLATED
    return variant.default is ablated or any(o.version is ablated for o in variant.overrides)


def circuit_variant(circuit: Circuit, without: frozenset[Node] = frozenset()) -> Variant:
    """C, or C∖K with ``without`` = K (Wang et al. 2022, sec. 4): what the circuit keeps is live,
    all else ablated.

    Granularity ``nodes``: the members at their positions, the input and, under ``keep mlps``, every
    MLP. Granularity ``edges``: the kept edges; removing a member removes the edges that leave it.
    """
    live = Version.LIVE
    if circuit.policy.granularity == "edges":
        kept = (
            Override(edge, at, live)
            for edge, at in circuit.edges.items()
            if edge.source not in without
        )
        return Variant(Version.ABLATED, tuple(sorted(kept, key=_order)))
    kept_nodes = {INPUT: EVERYWHERE, **_kept_mlps(circuit)}
    kept_nodes |= {n: at for n, at in circuit.members.items() if n not in without}
    overrides = (Override(node, at, live) for node, at in kept_nodes.items())
    return Variant(Version.ABLATED, tuple(sorted(overrides, key=_order)))


def empty_variant(circuit: Circuit) -> Variant:
    """∅: no member kept; ``keep mlps`` still holds."""
    return circuit_variant(circuit, without=frozenset(circuit.members))


def knockout_variant(circuit: Circuit, removed: frozenset[Node]) -> Variant:
    """M∖K: K ablated at its circuit positions, all else live (Wang et al. 2022, sec. 4.1)."""
    overrides = (
        Override(node, circuit.members.get(node, EVERYWHERE), Version.ABLATED) for node in removed
    )
    return Variant(Version.LIVE, tuple(sorted(overrides, key=_order)))


def complement_variant(circuit: Circuit) -> Variant:
    """M∖C: what the circuit claims is ablated, all else live (Marks et al. 2024, arXiv:2403.19647).

    Granularity ``nodes``: the members at their positions. Granularity ``edges``: the claimed edges
    where they are kept. What ``keep mlps`` adds is not claimed, and stays live.
    """
    if circuit.policy.granularity == "nodes":
        return knockout_variant(circuit, frozenset(circuit.members))
    overrides = (Override(edge, at, Version.ABLATED) for edge, at in circuit.claimed_edges.items())
    return Variant(Version.LIVE, tuple(sorted(overrides, key=_order)))


def _kept_mlps(circuit: Circuit) -> dict[Node, Positions]:
    if not circuit.keep_mlps:
        return {}
    if circuit.shape is None:
        raise ValueError("`keep mlps` needs the model's shape before it can be lowered")
    return dict.fromkeys(circuit.shape.mlps, EVERYWHERE)


def _order(override: Override) -> tuple[bool, str]:
    return isinstance(override.what, Edge), str(override.what)

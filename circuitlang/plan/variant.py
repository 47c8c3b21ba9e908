"""Variants: the one intermediate form of every causal experiment.

A decoder is a graph of components that read sums and write to a sum. A variant tells each edge,
at each position, which version of its source to carry. Everything that the measures ask for
(a circuit, a knock-out, leave-one-out, activation and path patching) is a variant; a new measure is
a new way to enumerate them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, Reader
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape

# Nodes or edges, and the positions at which each is kept.
Kept = Mapping[Node | Edge, Positions]


class ShapeNeededError(ValueError):
    """A circuit cannot be lowered while the shape of its model is not known; ``what`` needs it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs the model's shape before it can be lowered")
        self.what = what


def shape_of(circuit: Circuit, what: str) -> ModelShape:
    """The shape of the model. Raises ShapeNeededError, in the name of ``what``, where it is not
    known."""
    if circuit.shape is None:
        raise ShapeNeededError(what)
    return circuit.shape


class Version(Enum):
    """What an edge carries: the value computed in this run, or the policy's ablated value."""

    LIVE = "live"
    ABLATED = "ablated"

    # Of the object, not of its name: a variant's hash takes in thousands of these.
    __hash__ = object.__hash__


class Override(NamedTuple):
    """``what`` carries ``version`` at ``at``.

    A node stands for all edges that leave it, a reader for all edges into one port. A variant as
    the version means: what that very node, edge or reader carries in that variant's run. A reader
    takes no other version.
    """

    what: Node | Edge | Reader
    at: Positions
    version: Version | Variant


@dataclass(frozen=True)
class Variant:
    """Every edge carries ``default`` except where an override says otherwise.

    Overrides apply token by token, in order, the later one winning: first those on nodes, then
    those on edges, then those on readers. Equal variants have equal overrides: build them with the
    functions below, which sort.
    """

    default: Version
    overrides: tuple[Override, ...] = ()
    # Variants are keys everywhere and hold up to thousands of overrides, so they are hashed once.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.default, self.overrides)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def nested(self) -> Iterator[Variant]:
        """The variants whose runs this one takes values from."""
        for override in self.overrides:
            if isinstance(override.version, Variant):
                yield override.version


MODEL = Variant(Version.LIVE)


def removes(variant: Variant) -> bool:
    """Whether anything in the variant, or in one that it takes values from, is ablated."""
    ablated = Version.ABLATED
    return (
        variant.default is ablated
        or any(o.version is ablated for o in variant.overrides)
        or any(map(removes, set(variant.nested)))
    )


def circuit_variant(circuit: Circuit, without: frozenset[Node] = frozenset()) -> Variant:
    """C, or C∖K with ``without`` = K (Wang et al. 2022, sec. 4): what the circuit keeps is live,
    all else ablated.

    Granularity ``nodes``: the members at their positions, the input and, under ``keep mlps``, every
    MLP. Granularity ``edges``: the kept edges; removing a member removes the edges that leave it.
    """
    return kept_variant(without_nodes(kept(circuit), without))


def kept(circuit: Circuit) -> Kept:
    """What the circuit keeps live, and where: nodes, or edges, as its granularity says."""
    if circuit.policy.granularity == "edges":
        return dict(circuit.edges.items())
    nodes = {INPUT: EVERYWHERE, **_kept_mlps(circuit), **circuit.members}
    return dict(nodes.items())


def without_nodes(kept: Kept, nodes: Collection[Node]) -> Kept:
    """What is left without some nodes, and without the edges that leave them."""
    return {
        what: at
        for what, at in kept.items()
        if (what.source if isinstance(what, Edge) else what) not in nodes
    }


def kept_variant(kept: Kept) -> Variant:
    """Only what is kept is live; all else is ablated."""
    overrides = (Override(what, at, Version.LIVE) for what, at in kept.items() if at)
    return Variant(Version.ABLATED, tuple(sorted(overrides, key=_order)))


def empty_variant(circuit: Circuit) -> Variant:
    """∅: no member kept; ``keep mlps`` still holds."""
    return circuit_variant(circuit, without=frozenset(circuit.members))


def pruned(variant: Variant, part: Node | Edge) -> Variant:
    """The same without the overrides on one part; of a circuit's variant, C∖{part}."""
    return Variant(variant.default, tuple(o for o in variant.overrides if o.what != part))


def extended(variant: Variant, added: Mapping[Node | Edge, Positions]) -> Variant:
    """The same with parts live, at the positions given, beside where they are already."""
    live = {o.what: o for o in variant.overrides if o.version is Version.LIVE}
    others = [o for o in variant.overrides if o.version is not Version.LIVE]
    for part, at in added.items():
        known = live.get(part)
        live[part] = Override(part, known.at | at if known else at, Version.LIVE)
    return Variant(variant.default, tuple(sorted([*others, *live.values()], key=_order)))


def knockout_variant(circuit: Circuit, removed: frozenset[Node]) -> Variant:
    """M∖K: K ablated at its circuit positions, all else live (Wang et al. 2022, sec. 4.1)."""
    overrides = (Override(node, circuit.at(node), Version.ABLATED) for node in removed)
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


def patched_variant(circuit: Circuit, restored: frozenset[Node]) -> Variant:
    """Denoising: the run on ablated embeddings, with ``restored`` sending what they send in the
    model, at their circuit positions (Heimersheim & Nanda 2024, arXiv:2404.15255, sec. 2)."""
    overrides = [Override(INPUT, EVERYWHERE, Version.ABLATED)]
    overrides += [Override(node, circuit.at(node), MODEL) for node in sorted(restored)]
    return Variant(Version.LIVE, tuple(overrides))


def direct_variant(circuit: Circuit, senders: frozenset[Node]) -> Variant:
    """Only the edges from ``senders`` to the logits are ablated, at their circuit positions."""
    overrides = (
        Override(Edge(node, LOGITS), circuit.at(node), Version.ABLATED) for node in senders
    )
    return Variant(Version.LIVE, tuple(sorted(overrides, key=_order)))


def path_variant(
    shape: ModelShape,
    senders: Mapping[Node, Positions],
    receivers: Mapping[Reader, Positions],
) -> Variant:
    """Path patching (Wang et al. 2022, arXiv:2211.00593, app. B).

    In a first run ``senders`` send their ablated values where they are said to, all other heads
    what they send in the model, and MLPs are recomputed. What ``receivers`` read in that run they
    read in a second one, at the positions given, where all else is live. With the logits as the
    only receiver the first run is the answer.
    """
    ablated = (Override(node, at, Version.ABLATED) for node, at in sorted(senders.items()))
    frozen = (Override(node, EVERYWHERE, MODEL) for node in shape.heads)
    recorded = Variant(Version.LIVE, (*frozen, *ablated))
    patched = sorted(receivers.items(), key=lambda item: str(item[0]))
    return Variant(Version.LIVE, tuple(Override(reader, at, recorded) for reader, at in patched))


def _kept_mlps(circuit: Circuit) -> dict[Node, Positions]:
    if not circuit.keep_mlps:
        return {}
    return dict.fromkeys(shape_of(circuit, "`keep mlps`").mlps, EVERYWHERE)


def _order(override: Override) -> tuple[bool, str]:
    return isinstance(override.what, Edge), str(override.what)

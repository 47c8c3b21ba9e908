"""The circuit: what a `.circuit` file means once every name in it is resolved.

An immutable value. Roles, edges, task, policy and claims refer to nodes and positions, no longer
to text; spans are kept where a later stage may want to point back into the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from circuitlang.circuit.names import Edge, Node, Port
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.syntax.source import NOWHERE, Source, Span

if TYPE_CHECKING:
    import networkx as nx

Granularity = Literal["nodes", "edges"]
Comparator = Literal[">=", "<=", "~="]


@dataclass(frozen=True)
class ModelRef:
    """``source`` is ``hf:org/name``, ``path:folder``, ``pkg:distribution`` or ``builtin:name``."""

    source: str
    revision: str | None = None
    dtype: str = "float32"
    span: Span = NOWHERE


# --- the task --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """One hole of a prompt template.

    ``{IO:name}``: position ``IO``, words ``name``, ``repeats`` None. ``{S2=S1}``: position ``S2``,
    ``repeats`` ``S1``. ``{place}``: position None, words ``place``.
    """

    position: str | None
    words: str | None
    repeats: str | None = None


@dataclass(frozen=True)
class PromptTemplate:
    """Literal text and slots in turn, e.g. ``("Then, ", Slot("IO", "name"), " went")``."""

    name: str
    parts: tuple[str | Slot, ...]
    span: Span = NOWHERE

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for part in self.parts if isinstance(part, Slot))


@dataclass(frozen=True)
class WordList:
    name: str
    path: Path
    words: tuple[str, ...]
    sha256: str
    span: Span = NOWHERE


@dataclass(frozen=True)
class PromptData:
    """Templates and the word lists that fill them."""

    templates: tuple[PromptTemplate, ...]
    words: Mapping[str, WordList]


@dataclass(frozen=True)
class FileData:
    """A JSONL file inside the spec's project folder."""

    path: Path
    sha256: str
    span: Span = NOWHERE


@dataclass(frozen=True)
class GeneratedData:
    """A registered generator and its arguments, all of them explicit."""

    generator: str
    arguments: Mapping[str, int]
    span: Span = NOWHERE


@dataclass(frozen=True)
class Corruption:
    """How the corrupt prompt of a pair differs from the clean one.

    ``resample``: the words at ``slots`` are drawn anew. ``swap``: the words at ``slots`` change
    places (the first takes the second's, ..., the last the first's). ``set``: the word at the one
    slot becomes ``word``. ``given``: the data or the generator brings the corrupt prompt along.
    """

    name: str
    action: Literal["resample", "swap", "set", "given"]
    slots: tuple[str, ...] = ()
    word: str | None = None
    span: Span = NOWHERE


@dataclass(frozen=True)
class PositionDef:
    """``last``, ``first``, ``after``/``before`` an anchor, ``slot`` of a template, or ``given``."""

    name: str
    rule: Literal["last", "first", "after", "before", "slot", "given"]
    anchor: str | None = None
    span: Span = NOWHERE


@dataclass(frozen=True)
class MetricDef:
    """``answer`` and ``against`` name slots of a template; None where the data brings them."""

    name: str
    at: str
    answer: str | None = None
    against: str | None = None
    span: Span = NOWHERE


@dataclass(frozen=True)
class TaskSpec:
    data: PromptData | FileData | GeneratedData
    corruptions: Mapping[str, Corruption]
    positions: Mapping[str, PositionDef]
    metric: MetricDef
    bos: bool = False
    span: Span = NOWHERE


# --- how to measure --------------------------------------------------------------------------


@dataclass(frozen=True)
class Ablation:
    """What a removed component sends instead of its value.

    ``zero``: nothing. ``mean``: its mean over the corrupt runs, per template and absolute position
    (``by=prompt``), or one vector over all examples and positions (``by=all``). ``resample``: its
    value in the corrupt run of another example of the same template. ``counterfactual``: its value
    in the corrupt run of this example's own pair.
    """

    kind: Literal["zero", "mean", "resample", "counterfactual"]
    corrupt: str | None = None
    by: Literal["prompt", "all"] = "prompt"

    def __str__(self) -> str:
        if self.kind == "zero":
            return "zero"
        by = f", by={self.by}" if self.kind == "mean" else ""
        return f"{self.kind}(corrupt={self.corrupt}{by})"


@dataclass(frozen=True)
class RandomCover:
    """How many random circuits a claim of faithfulness is held against, on how many examples."""

    circuits: int = 20
    examples: int = 64

    def __str__(self) -> str:
        return f"random(circuits={self.circuits}, examples={self.examples})"


def most_passing(circuits: int) -> int:
    """How many of so many random circuits may pass a claim that says something: one in twenty."""
    return circuits // 20


# What a policy may ask for. A file is a stranger's, and a number in it must not fill the memory.
MOST_EXAMPLES, MOST_SEED = 100_000, 2**32 - 1


@dataclass(frozen=True)
class Policy:
    """``positions``: ``named`` keeps a member live only where its role writes, ``all``
    everywhere. ``cover`` is None where no random circuits are drawn. ``family`` is how the claims
    of the file are corrected for their number."""

    granularity: Granularity
    ablation: Ablation
    positions: Literal["named", "all"] = "named"
    examples: int = 256
    seed: int = 0
    confidence: float = 0.95
    resamples: int = 2000
    cover: RandomCover | None = RandomCover()
    family: Literal["holm", "none"] = "holm"


# --- what must hold --------------------------------------------------------------------------


@dataclass(frozen=True)
class MeasureCall:
    """A measure with its arguments, defaults filled in.

    Values are role names, position names, words of a closed choice, numbers, nodes or edges' ports,
    as the measure's signature says; see `circuitlang.plan.measures`.
    """

    name: str
    arguments: Mapping[str, Argument] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        listed = ", ".join(f"{key}={value}" for key, value in self.arguments.items())
        return f"{self.name}({listed})"


@dataclass(frozen=True)
class Search:
    """A search strategy such as ``roles`` or ``random(20)``."""

    kind: str
    size: int | None = None

    def __str__(self) -> str:
        return self.kind if self.size is None else f"{self.kind}({self.size})"


Argument = str | int | float | Node | Search


@dataclass(frozen=True)
class Claim:
    """``tolerance`` belongs to ``~=`` alone. ``percent`` is how the threshold was written."""

    name: str
    measure: MeasureCall
    comparator: Comparator
    threshold: float
    tolerance: float | None = None
    percent: bool = False
    severity: Literal["error", "warn"] = "error"
    span: Span = NOWHERE

    @property
    def demand(self) -> str:
        """The claimed bound as one would write it, e.g. ``>= 80%``."""

        def show(value: float) -> str:
            return f"{value * 100:g}%" if self.percent else f"{value:g}"

        tail = "" if self.tolerance is None else f" +- {show(self.tolerance)}"
        return f"{self.comparator} {show(self.threshold)}{tail}"


@dataclass(frozen=True)
class Waiver:
    claim: str
    until: str  # ISO 8601 date
    because: str
    span: Span = NOWHERE


# --- the circuit -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    node: Node
    status: str | None = None
    span: Span = NOWHERE


@dataclass(frozen=True)
class Role:
    """Members write at ``at``; they read ``q`` (or, for MLPs, their input) at ``at``, and ``k`` and
    ``v`` at ``attending``. ``any`` is `EVERYWHERE`."""

    name: str
    at: Positions
    attending: Positions
    members: tuple[Member, ...]
    span: Span = NOWHERE

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(member.node for member in self.members)


@dataclass(frozen=True)
class Connection:
    """One edge statement. An end is a role's name or a node; no ``ports`` means every port of the
    target that the positions permit."""

    source: str | Node
    target: str | Node
    ports: tuple[Port, ...] = ()
    status: str | None = None
    span: Span = NOWHERE


@dataclass(frozen=True)
class Circuit:
    """A resolved hypothesis.

    ``edges`` holds every kept edge with the positions at which it is kept: role edges expanded to
    their members, member edges, and those that ``keep mlps`` adds. ``claimed_edges`` leaves the
    last kind out; ``connections`` are the statements they come from. ``shape`` is None where the
    model's shape could not be known without its files; see `circuitlang.circuit.expand.with_shape`.
    """

    name: str
    model: ModelRef
    task: TaskSpec
    policy: Policy
    roles: Mapping[str, Role]
    edges: Mapping[Edge, Positions]
    claimed_edges: Mapping[Edge, Positions]
    claims: tuple[Claim, ...]
    waivers: tuple[Waiver, ...] = ()
    connections: tuple[Connection, ...] = ()
    keep_mlps: bool = False
    shape: ModelShape | None = None
    doc: str | None = None
    cites: tuple[str, ...] = ()
    digest: str = ""
    source: Source = field(default_factory=lambda: Source(""), compare=False, repr=False)

    @cached_property
    def members(self) -> Mapping[Node, Positions]:
        """Each member node and where it is kept: the union over its roles, or everywhere under
        ``policy { positions = all }``."""
        kept: dict[Node, Positions] = {}
        for role in self.roles.values():
            for node in role.nodes:
                kept[node] = kept[node] | role.at if node in kept else role.at
        if self.policy.positions == "all":
            kept = dict.fromkeys(kept, EVERYWHERE)
        return MappingProxyType(dict(sorted(kept.items())))

    def at(self, node: Node) -> Positions:
        """Where an intervention changes a node: a member where it is kept, any other everywhere."""
        return self.members.get(node, EVERYWHERE)

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The kept edges as a networkx graph; see `circuitlang.circuit.graph.build`."""
        from circuitlang.circuit.graph import build

        return build(self)

    def _repr_html_(self) -> str:
        """The drawing, for notebooks."""
        from circuitlang.circuit.drawing import notebook

        return notebook(self)

"""What every measure provides. One file a measure; `circuitlang.plan.measures` collects them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from circuitlang.circuit.circuit import Argument, Circuit
from circuitlang.circuit.names import Node, parse_node
from circuitlang.plan.hypothesis import Test
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.request import Half, Request

# A mean over examples, or an array of resampled means; only arithmetic and `abs` are used on it.
Mean = Any
Means = Mapping[str, Mean]
Combine = Callable[[Means], Mean]

# What has to hold for a claim to say anything; see `circuitlang.plan.cover`.
CoverName = Literal["task", "ablation", "size", "denominator", "random"]

ParameterKind = Literal["choice", "role", "position", "component", "receiver", "integer", "search"]
Arguments = Mapping[str, Argument]


@dataclass(frozen=True)
class Parameter:
    """One argument of a measure.

    ``choice`` takes one of ``choices``; ``role``, ``position``, ``component`` (a role or a node)
    and ``receiver`` (a component or `logits`) take a name, a ``position`` one of ``choices`` too;
    ``integer`` a number within ``bounds``;
    ``search`` one of ``choices`` as a `Search`, with a size where the choice is spelled so, as in
    ``random(n)``; where there is a ``size`` it may be left out, and is that.
    ``heads_only`` roles may hold no MLP.
    """

    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    default: Argument | None = None
    bounds: tuple[int, int] = (1, 100_000)
    heads_only: bool = False
    size: int | None = None

    @property
    def required(self) -> bool:
        return self.default is None


@dataclass(frozen=True)
class Statistic:
    """An estimator as arithmetic on means over examples, so that a bootstrap can redo it.

    ``parts`` names one function of the labelled means a part (a member, a role, or ``""`` alone).
    ``fold`` says how the parts make the estimate. With ``absolute`` a part's value counts by its
    size: the interval is taken of the signed value first and folded afterwards, so that a true
    value of zero is not excluded by construction.

    ``denominator`` names a mean whose interval has to exclude zero for the estimate to mean
    anything, and lie above it where ``positive`` is set. ``proportion`` marks parts that are plain
    means of shares, such as zeros and ones. ``simulated`` marks numbers that are draws of chance
    and no examples: the interval is where the draws lie, not where their mean does. ``inputs`` and
    ``part_inputs`` are the named means that reports print beside the estimate and its parts.
    ``classify`` sorts a part by its signed interval and the claimed bound. Parts that somebody
    ``explores`` for those which are not zero have a p-value each, corrected for their number.

    ``members`` lists what a part stands for, where its name does not say it. A statistic whose
    parts were searched for is of one ``half`` of the examples, and ``searched`` holds the parts'
    values on the other, which the search saw.

    With a ``test`` the value is its p-value, of the numbers on the examples; ``parts``, if there
    are any, are then a table beside it.
    """

    parts: Mapping[str, Combine]
    fold: Literal["only", "min", "max", "mean"] = "only"
    absolute: bool = False
    denominator: Combine | None = None
    positive: bool = False
    proportion: bool = False
    simulated: bool = False
    inputs: Mapping[str, Combine] = field(default_factory=dict)
    part_inputs: Mapping[str, Mapping[str, Combine]] = field(default_factory=dict)
    classify: Callable[[float, float, float], str] | None = None
    explores: bool = False
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    half: Half | None = None
    searched: Mapping[str, float] = field(default_factory=dict)
    test: Test | None = None

    def __post_init__(self) -> None:
        if self.fold == "only" and len(self.parts) != 1 and self.test is None:
            raise ValueError("fold `only` takes exactly one part")
        if self.fold == "mean" and self.absolute:
            raise ValueError("a mean of absolute values has no signed interval to fold")

    def average(self, means: Means) -> Mean:
        """The mean of the parts."""
        return sum(part(means) for part in self.parts.values()) / len(self.parts)


class Posed(NamedTuple):
    """What a measure reads once the answers so far are known.

    ``reads`` labels what ``statistic`` is of; there is no statistic while a search still waits for
    answers. ``asks`` is everything that the search has asked for and still asks for.
    """

    reads: Mapping[str, Request]
    statistic: Statistic | None
    asks: tuple[Request, ...] = ()

    @property
    def requests(self) -> Mapping[str, Request]:
        """Everything that has to be run, by label; what the search asks for is numbered."""
        asks = {f"search {i}": request for i, request in enumerate(self.asks, start=1)}
        return {**asks, **self.reads}


class Misuse(NamedTuple):
    """A well-formed call that cannot say anything about the circuit: the ``argument`` to blame (the
    call where None), and the diagnostic."""

    code: str
    message: str
    argument: str | None = None
    help: str | None = None


def _fine(_circuit: Circuit, _arguments: Arguments) -> Misuse | None:
    return None


def _never(_: Arguments) -> bool:
    return False


def _no_search(_circuit: Circuit, _arguments: Arguments, _known: Observations) -> Posed | None:
    return None


def _no_covers(_: Arguments) -> tuple[CoverName, ...]:
    return ()


def _no_test(_: Arguments) -> str | None:
    return None


def _any_level(_arguments: Arguments, _level: float) -> Misuse | None:
    return None


def _none_searched(_circuit: Circuit, _arguments: Arguments) -> int:
    return 0


@dataclass(frozen=True)
class Measure:
    """A registered measure.

    ``relative`` quantities are shares and may be claimed in percent. ``requests`` labels what has
    to be run; ``statistic`` says what to make of the means. Both are pure and cheap.
    ``search`` is for a measure whose requests depend on earlier answers: pure too, it is called
    with all that is known until nothing that it asks for is missing, and gives None for arguments
    that need no search. ``most_searched`` bounds the variants that it may ask for in all.
    ``misuse`` finds arguments that fit their kinds and yet not this circuit.
    ``null`` is, for a test, the hypothesis that it rejects where its p-value is small, as a
    sentence without a full stop; ``level`` finds levels in (0, 1) that its p-value cannot reach.
    ``covers`` names what a claim has to be covered by. ``kept`` is the label of the circuit's own
    run in a measure of how much the circuit keeps, which random circuits can take the place of.
    ``formula`` is shown with every number. ``needs_ratio_metric`` holds where the measure is a
    share of F(M): the task's metric then needs a zero that a working model lies above, which
    ``log_prob`` (never positive) and ``kl`` (zero for the model itself) lack.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    relative: Callable[[Arguments], bool]
    formula: Callable[[Arguments], str]
    requests: Callable[[Circuit, Arguments], Mapping[str, Request]]
    statistic: Callable[[Circuit, Arguments], Statistic]
    reference: str = ""
    needs_ratio_metric: Callable[[Arguments], bool] = _never
    search: Callable[[Circuit, Arguments, Observations], Posed | None] = _no_search
    most_searched: Callable[[Circuit, Arguments], int] = _none_searched
    misuse: Callable[[Circuit, Arguments], Misuse | None] = _fine
    null: Callable[[Arguments], str | None] = _no_test
    level: Callable[[Arguments, float], Misuse | None] = _any_level
    covers: Callable[[Arguments], tuple[CoverName, ...]] = _no_covers
    kept: Callable[[Arguments], str] | None = None

    def pose(
        self, circuit: Circuit, arguments: Arguments, known: Observations = NOTHING_KNOWN
    ) -> Posed:
        """What to run and what to make of it, given what is ``known``."""
        searched = self.search(circuit, arguments, known)
        if searched is not None:
            return searched
        return Posed(self.requests(circuit, arguments), self.statistic(circuit, arguments))

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)


def mean(label: str) -> Combine:
    """The mean of one request, unchanged."""
    return lambda means: means[label]


def components(circuit: Circuit, what: Argument) -> frozenset[Node]:
    """The nodes that a ``component`` argument stands for: a role's members, or one node."""
    if isinstance(what, Node):
        return frozenset({what})
    if role := circuit.roles.get(str(what)):
        return frozenset(role.nodes)
    node = parse_node(str(what))
    if node is None:
        raise ValueError(f"`{what}` is neither a role nor a node")
    return frozenset({node})

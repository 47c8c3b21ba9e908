"""What a measure asks the executor for. Frozen and hashable, so equal requests are run once."""

from __future__ import annotations

from typing import Literal, NamedTuple

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node, Port
from circuitlang.plan.variant import Variant

Half = Literal["search", "report"]


class Evaluation(NamedTuple):
    """The task's metric, or another reading, of one variant: one number an example.

    ``metric``: the task's own metric. ``accuracy``: 1 where the answer beats `against` (or, without
    it, every other token), else 0. ``kl``: KL(p_M ‖ p_variant) in nats at the metric's position.
    A metric position of several tokens is averaged within the example.

    ``examples`` asks for the first so many only, spread over the templates, and ``half`` for those
    of a search or those that report what it found; `circuitlang.plan.sample` says which they are.
    What is ablated is sent its value from the whole data either way. ``ablation`` says what that
    value is where it is not the policy's; `circuitlang.plan.ablations` keeps equal requests equal.
    """

    variant: Variant
    reading: Literal["metric", "accuracy", "kl"] = "metric"
    examples: int | None = None
    half: Half | None = None
    ablation: Ablation | None = None


class Attention(NamedTuple):
    """Attention probability in the unmodified model on the clean prompts, one number an example:
    the mean over the query tokens of `source` of the mass on all key tokens of `target`."""

    head: Node
    source: str
    target: str


class RepeatedTokens(NamedTuple):
    """A head's attention on random tokens repeated twice: one number a sequence.

    With block length n and 0-based rows i (Wang et al. 2022, App. H-I; Olsson et al. 2022):
    ``previous`` mean over i >= 1 of A[i, i-1]; ``duplicate`` mean over the second block of
    A[i, i-n]; ``induction`` mean over the second block of A[i, i-n+1].
    """

    head: Node
    pattern: Literal["previous", "duplicate", "induction"]
    length: int
    examples: int


class Copying(NamedTuple):
    """What a head's OV circuit makes of the words it may read, one number an example: the share of
    the tokens of ``positions`` (of those that the prompt has) that stand among the ``top`` logits
    of their own LN_f(±OV(x)) W_U, x the residual stream after the first block."""

    head: Node
    positions: tuple[str, ...]
    sign: Literal["positive", "negative"]
    top: int


class Composition(NamedTuple):
    """How much ``target`` reads through ``via`` of what ``source`` writes, by weights alone: one
    number a draw.

    ``score``: ‖W₂ W₁‖ / (‖W₂‖ ‖W₁‖), the same in every draw. ``random``: that of matrices with the
    same singular values in a random orientation, which ``seed`` and the draw's number determine.
    """

    source: Node
    target: Node
    via: Port
    reading: Literal["score", "random"]
    draws: int
    seed: int


Request = Evaluation | Attention | Copying | RepeatedTokens | Composition

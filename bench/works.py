"""What one row has both sides compute: our request, and the peer's share of it in each round.

A peer that would take minutes is asked for a share of the variants, dealt over the rounds so that
as many as possible are compared; its time is scaled to all of them, and the row says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bench.protocol import Json


class Part(NamedTuple):
    """What a peer is asked for in one round.

    ``rows`` and ``columns`` are those of our numbers that it answers, (variant, prompt). All of the
    work takes ``scale`` times as long, ``once`` aside.
    """

    request: Json
    rows: Sequence[int]
    columns: int
    scale: float


class Work(Protocol):
    def ours(self, task: Json) -> Json:
        """Our request, always all of the work."""
        ...

    def part(self, task: Json, turn: int, turns: int) -> Part: ...


class Nodes(NamedTuple):
    """Variants on nodes, one forward pass each for the peer."""

    name: str
    most: int = 1000  # variants of the peer's in one round
    last_two: bool = False

    def ours(self, _task: Json) -> Json:
        return {"op": "nodes", "work": self.name}

    def part(self, task: Json, turn: int, turns: int) -> Part:
        variants = len(task["works"][self.name])
        chosen = _deal(variants, turn, turns, self.most)
        request = {"op": "nodes", "work": self.name, "chosen": chosen, "last_two": self.last_two}
        return Part(request, chosen, len(task["prompts"]), variants / len(chosen))


class Verification(NamedTuple):
    """All variants of a verification and the means that they need."""

    most: int = 1000

    def ours(self, _task: Json) -> Json:
        return {"op": "verification"}

    def part(self, task: Json, turn: int, turns: int) -> Part:
        variants = len(task["works"]["verification"])
        chosen = _deal(variants, turn, turns, self.most)
        request = {"op": "verification", "chosen": chosen}
        return Part(request, chosen, len(task["prompts"]), variants / len(chosen))


class Circuit(NamedTuple):
    """One circuit of edges. The peer takes the prompts in batches of 16, and ``most`` of them."""

    most: int = 16

    def ours(self, _task: Json) -> Json:
        return {"op": "edges"}

    def part(self, task: Json, _turn: int, _turns: int) -> Part:
        prompts = len(task["prompts"])
        taken = min(self.most, prompts)
        return Part({"op": "circuit", "examples": taken}, [0], taken, prompts / taken)


class WithoutEdges(NamedTuple):
    """The circuit without each of its edges, or every ``step``-th; ``most`` of them for the peer in
    one round."""

    step: int = 1
    most: int = 1

    def ours(self, task: Json) -> Json:
        return {"op": "edges", "removed": task["edges"][:: self.step]}

    def part(self, task: Json, turn: int, turns: int) -> Part:
        edges = task["edges"][:: self.step]
        chosen = _deal(len(edges), turn, turns, self.most)
        request = {"op": "without", "removed": [edges[i] for i in chosen]}
        rows = [1 + i for i in chosen]  # ours begins with the whole circuit
        return Part(request, rows, len(task["prompts"]), len(edges) / len(chosen))


class Scores(NamedTuple):
    """Every edge of the model: the peers attribute all of them at once, and remove two to be
    compared; we remove one in so many."""

    def ours(self, _task: Json) -> Json:
        return {"op": "scores"}

    def part(self, task: Json, _turn: int, _turns: int) -> Part:
        rows = [len(task["scored"]) // 3, 2 * len(task["scored"]) // 3]
        request = {"op": "scores", "removed": [task["scored"][i] for i in rows]}
        return Part(request, rows, len(task["prompts"]), 1)


class Paths(NamedTuple):
    """Every head to a receiver set; ``most`` senders for the peer in one round."""

    to: str
    at: str | None = None
    most: int = 4

    def ours(self, _task: Json) -> Json:
        return {"op": "paths", "to": self.to, "at": self.at}

    def part(self, task: Json, turn: int, turns: int) -> Part:
        senders = task["senders"]
        chosen = _deal(len(senders), turn, turns, self.most)
        request = self.ours(task) | {"senders": [senders[i] for i in chosen]}
        return Part(request, chosen, len(task["prompts"]), len(senders) / len(chosen))


def _deal(things: int, turn: int, turns: int, most: int) -> list[int]:
    """At most ``most`` of so many things for one of several turns, spread over all of them."""
    hand = min(most, -(-things // turns))
    step = things / (hand * turns)
    return sorted({int((i * turns + turn) * step) for i in range(hand)} & set(range(things)))

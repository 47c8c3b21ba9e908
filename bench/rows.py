"""The table: every comparison, on which model and how many prompts, and the ratio it must reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bench.models import MODELS
from bench.works import Circuit, Nodes, Paths, Scores, Verification, WithoutEdges, Work

PEERS = {
    "lens": "TransformerLens 2.18, hooks",
    "two": "TransformerLens 2.18, two logits at END only",
    "paths": "path_patching",
    "auto": "auto-circuit 1.0.1",
    "eap": "EAP-IG",
}


Key = tuple[str, str, str, int]


class Row(NamedTuple):
    """``worker`` is the peer's process; ``tolerance`` is relative to the largest number compared.
    ``measures`` says what the ratio is of: seconds, or peak memory of fresh processes. With
    ``ours_once`` our side runs before the peer and not again after each of its rounds. A ``slow``
    row is run on demand."""

    work: str
    peer: str
    worker: str
    model: str
    examples: int
    floor: float
    does: Work
    rounds: int
    tolerance: float
    measures: Literal["seconds", "memory"] = "seconds"
    ours_once: bool = False
    slow: bool = False

    @property
    def key(self) -> Key:
        return self.work, self.peer, self.model, self.examples

    @property
    def name(self) -> str:
        return f"{self.work} | {self.peer} | {MODELS[self.model].label} | {self.examples} prompts"


def rows() -> list[Row]:
    """All of them, those of one worker together."""
    return [row for model in MODELS for row in _of_model(model)]


def _of_model(model: str) -> Iterator[Row]:
    for examples in (16, 256):
        yield from _on_nodes(model, examples)
    for examples in (16, 256):
        yield from _on_paths(model, examples)
    for worker in ("auto", "eap"):
        yield from _on_edges(model, worker)


def _on_nodes(model: str, examples: int) -> Iterator[Row]:
    many, slow = examples > 16, model != "gpt2-shape" and examples > 16
    rounds, most = (1, 1) if many else (3, 1000)

    def row(work: str, key: str, floor: float, does: Work) -> Row:
        peer = PEERS[key]
        return Row(work, peer, "lens", model, examples, floor, does, rounds, 1e-4, ours_once=many)

    kept, ablated = "leave-one-out", "leave-one-out, MLPs ablated"
    for name, floor, floor_of_two in ((kept, 25, 18), (ablated, 60, 40)):
        work = name if name == ablated else f"{name}, MLPs kept"
        yield row(work, "lens", floor, Nodes(name, most))
        yield row(work, "two", floor_of_two, Nodes(name, most, last_two=True))
    everywhere = "leave-one-out, all positions"
    all_positions = row(f"{everywhere}, MLPs kept", "lens", 5, Nodes(everywhere, min(most, 3)))
    yield all_positions._replace(slow=many)
    verification = row("whole verification", "lens", 12, Verification(min(most, 12)))
    yield verification._replace(slow=slow)


def _on_paths(model: str, examples: int) -> Iterator[Row]:
    def row(receivers: str, does: Work) -> Row:
        work = f"path patching, every head to {receivers}"
        rounds = 1 if examples > 16 else 3
        return Row(work, PEERS["paths"], "paths", model, examples, 50, does, rounds, 1e-3)

    many = examples > 16
    most = 1 if many else 4
    short = (
        row("logits", Paths("logits", most=most)),
        row("q of the name movers, at END", Paths("q", "END", most)),
    )
    yield from (one._replace(ours_once=many, slow=many) for one in short)
    if not many:
        everywhere = row("q of the name movers, all positions", Paths("q", most=most))
        yield everywhere._replace(ours_once=True, slow=model != "gpt2-shape")


def _on_edges(model: str, worker: str) -> Iterator[Row]:
    def row(work: str, examples: int, floor: float, does: Work, rounds: int = 1) -> Row:
        return Row(work, PEERS[worker], worker, model, examples, floor, does, rounds, 1e-3)

    circuit, large = "one edge-level circuit", model != "gpt2-shape"
    yield row(circuit, 16, 8, Circuit(), 3)
    yield row(circuit, 256, 8, Circuit())._replace(ours_once=True, slow=large)
    yield row("leave-one-edge-out, every 16th edge", 16, 40, WithoutEdges(step=16), 2)
    if not large:
        everything = "peak memory of scoring all 32,491 edges"
        yield row(everything, 16, 3, Scores())._replace(measures="memory")
    yield row(f"peak memory of {circuit}", 16, 3, Circuit())._replace(measures="memory", slow=large)

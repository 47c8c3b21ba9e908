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
    "eap": "EAP-IG evaluate_graph",
}


Key = tuple[str, str, str, int]


class Row(NamedTuple):
    """``worker`` is the peer's process; ``tolerance`` is relative to the largest number compared.
    ``measures`` says what the ratio is of: seconds, or peak memory of fresh processes. With
    ``ours_once`` our side runs before the peer and not again after each of its rounds."""

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
    yield from _on_paths(model)
    for worker in ("auto", "eap"):
        yield from _on_edges(model, worker)


def _on_nodes(model: str, examples: int) -> Iterator[Row]:
    many = examples > 16
    most = 1 if many else 1000
    rounds = 1 if many else 3

    def row(work: str, key: str, floor: float, does: Work) -> Row:
        peer = PEERS[key]
        return Row(work, peer, "lens", model, examples, floor, does, rounds, 1e-4, ours_once=many)

    kept, ablated = "leave-one-out", "leave-one-out, MLPs ablated"
    for name, floor, floor_of_two in ((kept, 25, 18), (ablated, 60, 40)):
        work = name if name == ablated else f"{name}, MLPs kept"
        yield row(work, "lens", floor, Nodes(name, most))
        yield row(work, "two", floor_of_two, Nodes(name, most, last_two=True))
    if not many:
        everywhere = "leave-one-out, all positions"
        yield row(f"{everywhere}, MLPs kept", "lens", 5, Nodes(everywhere, 3))
    yield row("whole verification", "lens", 12, Verification(1 if many else 12))


def _on_paths(model: str) -> Iterator[Row]:
    works = {
        "logits": Paths("logits"),
        "q of the name movers, at END": Paths("q", "END"),
        "q of the name movers, all positions": Paths("q"),
    }
    for receivers, does in works.items():
        work, slow = f"path patching, every head to {receivers}", does == Paths("q")
        yield Row(work, PEERS["paths"], "paths", model, 16, 50, does, 3, 1e-3, ours_once=slow)


def _on_edges(model: str, worker: str) -> Iterator[Row]:
    def row(work: str, examples: int, floor: float, does: Work, rounds: int) -> Row:
        return Row(work, PEERS[worker], worker, model, examples, floor, does, rounds, 1e-3)

    circuit = "one edge-level circuit"
    yield row(circuit, 16, 8, Circuit(), 3)
    yield row(circuit, 256, 8, Circuit(), 1)._replace(ours_once=True)
    yield row("leave-one-edge-out, every 16th edge", 16, 40, WithoutEdges(step=16), 3)
    if model == "gpt2-shape":
        everything = "peak memory of scoring all 32,491 edges"
        yield row(everything, 16, 3, Scores(), 1)._replace(measures="memory")
    yield row(f"peak memory of {circuit}", 16, 3, Circuit(), 1)._replace(measures="memory")

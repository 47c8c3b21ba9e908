"""The table: every comparison, on which model and how many prompts, and the ratio it must reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bench.models import MODELS
from bench.works import Circuit, Nodes, Paths, Verification, WithoutEdges, Work

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
    ``measures`` says what the ratio is of: seconds, or peak memory of fresh processes."""

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
    few = examples == 16
    rounds, most = (3, 1000) if few else (2, 1)
    works = {
        "leave-one-out": ("leave-one-out, MLPs kept, named positions", 25, 18),
        "leave-one-out, MLPs ablated": ("leave-one-out, MLPs ablated, named positions", 60, 40),
        "leave-one-out, all positions": ("leave-one-out, MLPs kept, all positions", 5, None),
    }

    def row(work: str, key: str, floor: float, does: Work) -> Row:
        return Row(work, PEERS[key], "lens", model, examples, floor, does, rounds, 1e-4)

    for name, (work, hooks, two) in works.items():
        yield row(work, "lens", hooks, Nodes(name, most))
        if two:
            yield row(work, "two", two, Nodes(name, most, last_two=True))
    yield row("whole verification", "lens", 12, Verification(12 if few else 1))


def _on_paths(model: str) -> Iterator[Row]:
    works = {
        "logits": Paths("logits"),
        "q of the name movers, at END": Paths("q", "END"),
        "q of the name movers, at all positions": Paths("q"),
    }
    for receivers, does in works.items():
        work = f"path patching, every head to {receivers}"
        yield Row(work, PEERS["paths"], "paths", model, 16, 50, does, 3, 1e-3)


def _on_edges(model: str, worker: str) -> Iterator[Row]:
    peer = PEERS[worker]
    yield Row("one edge-level circuit", peer, worker, model, 16, 8, Circuit(), 3, 1e-3)
    yield Row("one edge-level circuit", peer, worker, model, 256, 8, Circuit(), 1, 1e-3)
    yield Row("leave-one-edge-out", peer, worker, model, 16, 40, WithoutEdges(), 3, 1e-3)
    yield Row(
        "peak memory of one edge-level circuit",
        peer,
        worker,
        model,
        16,
        3,
        Circuit(),
        1,
        1e-3,
        "memory",
    )

"""Our worker: `python -m bench.ours MODEL_FOLDER THREADS`.

Runs the sparse executor. Every operation names a task file and answers with logit differences, one
list a variant and one number a prompt; planning is part of every time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from bench.machine import peak_flops
from bench.models import dataset_of, open_folder
from bench.protocol import Measured, serve, timed
from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import (
    INPUT,
    LOGITS,
    Edge,
    Node,
    Reader,
    head,
    parse_edge,
    parse_node,
)
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.plan.cost import block_parameters
from circuitlang.plan.request import Evaluation
from circuitlang.plan.values import SparsePlan
from circuitlang.plan.variant import Override, Variant, Version, path_variant
from circuitlang.plan.work import work_of
from circuitlang.run import sparse
from circuitlang.run.ablated import constants_of, make_ablator
from circuitlang.run.batch import Batch, make_batches
from circuitlang.task.dataset import Dataset

MEAN = Ablation("mean", "abc", "prompt")
PAIRED = Ablation("counterfactual", "abc")


class Ours:
    """The operations on one model."""

    def __init__(self, folder: Path) -> None:
        self.decoder = open_folder(folder)
        self.task = cache(self._task)
        self.means = cache(self._means)

    def _task(self, path: str) -> tuple[dict[str, Any], Dataset]:
        task = json.loads(Path(path).read_text())
        return task, dataset_of(task["prompts"])

    def _means(self, path: str) -> tuple[Sequence[Batch], Sequence[sparse.Constants]]:
        """Batches and their ablated values, for rows where both sides have them beforehand."""
        _, data = self.task(path)
        ablate = make_ablator(MEAN, self.decoder, data, seed=0)
        batches = list(make_batches(data, self.decoder))
        return batches, [
            sparse.Constants(ablate(batch), constants_of(MEAN, batch)) for batch in batches
        ]

    def logits(self, task: str, prompts: int) -> Measured:
        """All logits at the last position of the first prompts."""
        _, data = self.task(task)
        tokens = torch.tensor([one.clean for one in data.examples[:prompts]])

        def work() -> list[list[float]]:
            with torch.no_grad():
                found: list[list[float]] = self.decoder.model(tokens).logits[:, -1].tolist()
            return found

        return timed(work)

    def nodes(self, task: str, work: str) -> Measured:
        """A work's variants; the means are made beforehand."""
        described, data = self.task(task)
        batches, constants = self.means(task)
        asked = [Evaluation(variant_of(one)) for one in described["works"][work]]
        started = time.perf_counter()
        plan = sparse.plan_dataset(asked, self.decoder, data)
        found: list[list[float]] = [[0.0] * len(data) for _ in asked]
        for batch, known in zip(batches, constants, strict=True):
            rows = sparse.run_plan(plan, self.decoder, batch, known)
            answers = sparse.read_batch(plan, asked, rows, self.decoder, batch, data.metric)
            for numbers, request in zip(found, asked, strict=True):
                for index, value in zip(batch.indices, answers[request], strict=True):
                    numbers[index] = value
        seconds = time.perf_counter() - started
        return Measured(seconds, found, {"flops": self._flops(plan, MEAN, data)})

    def verification(self, task: str) -> Measured:
        """The variants of a whole verification, the means included."""
        described, _ = self.task(task)
        return self._run(task, [variant_of(one) for one in described["works"]["verification"]])

    def edges(self, task: str, removed: Sequence[str] = ()) -> Measured:
        """The circuit's edges at every position; then without each one of ``removed``."""
        described, _ = self.task(task)
        edges = [_edge(name) for name in described["edges"]]
        gone: list[Edge | None] = [None, *map(_edge, removed)]
        return self._run(task, [kept_edges(edges, but) for but in gone], PAIRED)

    def scores(self, task: str) -> Measured:
        """The model without each of the task's edges to score."""
        described, _ = self.task(task)
        edges = [_edge(name) for name in described["scored"]]
        without = [
            Variant(Version.LIVE, (Override(edge, EVERYWHERE, Version.ABLATED),)) for edge in edges
        ]
        return self._run(task, without, PAIRED)

    def paths(self, task: str, to: str, at: str | None = None) -> Measured:
        """Every head's path to ``to``, ``logits`` or ``q`` of the task's receivers. ``at``: where
        heads are patched and receivers read, everywhere unless said."""
        described, _ = self.task(task)
        receivers = [Reader(LOGITS)]
        if to == "q":
            receivers = [Reader(_node(name), "q") for name in described["receivers"]]
        where = Positions.of([at]) if at else EVERYWHERE
        reads = dict.fromkeys(receivers, where)
        senders = [head(layer, index) for layer, index in described["senders"]]
        shape = self.decoder.shape
        variants = [path_variant(shape, {sender: where}, reads) for sender in senders]
        return self._run(task, variants, PAIRED)

    def _run(self, task: str, variants: Sequence[Variant], ablation: Ablation = MEAN) -> Measured:
        _, data = self.task(task)
        asked = [Evaluation(variant) for variant in variants]

        def work() -> list[list[float]]:
            found = sparse.run(asked, self.decoder, data, ablation=ablation, seed=0)
            return [list(found[request].values) for request in asked]

        measured = timed(work)
        plan = sparse.plan_dataset(asked, self.decoder, data)
        corrupt = (
            len(data) * len(data.examples[0].clean) * 2.0 * block_parameters(self.decoder.shape)
        )
        return measured._replace(extra={"flops": self._flops(plan, ablation, data) + corrupt})

    def _flops(self, plan: SparsePlan, ablation: Ablation, data: Dataset) -> float:
        """What the plan computes, the constants included once for all tokens that share them."""
        length = len(data.examples[0].clean)
        groups = set(data.templates) if ablation.kind == "mean" else data.examples
        return work_of(plan, length * len(groups)).flops

    def peak(self) -> Measured:
        """The machine's matrix product, in the same process and with the same threads."""
        return Measured(0.0, [], {"flops": peak_flops()})


def variant_of(described: Mapping[str, Any]) -> Variant:
    """A variant of a task's file."""
    live = described["default"] == "live"
    opposite = Version.ABLATED if live else Version.LIVE
    overrides = [] if live else [Override(INPUT, EVERYWHERE, Version.LIVE)]
    for name, at in described["but"].items():
        overrides.append(
            Override(_node(name), EVERYWHERE if at is None else Positions.of(at), opposite)
        )
    default = Version.LIVE if live else Version.ABLATED
    return Variant(default, tuple(sorted(overrides, key=lambda one: str(one.what))))


def kept_edges(edges: Sequence[Edge], but: Edge | None) -> Variant:
    kept = (Override(edge, EVERYWHERE, Version.LIVE) for edge in edges if edge != but)
    return Variant(Version.ABLATED, tuple(kept))


def _node(name: str) -> Node:
    found = parse_node(name)
    assert found is not None
    return found


def _edge(name: str) -> Edge:
    found = parse_edge(name)
    assert found is not None
    return found


def main() -> None:
    folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    ours = Ours(Path(folder))
    serve(
        {
            "logits": ours.logits,
            "nodes": ours.nodes,
            "verification": ours.verification,
            "edges": ours.edges,
            "scores": ours.scores,
            "paths": ours.paths,
            "peak": ours.peak,
        }
    )


if __name__ == "__main__":
    main()

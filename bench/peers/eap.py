"""EAP-IG: `evaluate_graph` on the edges of a circuit, the rest patched from the corrupt run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from eap import evaluate
from eap.graph import Graph
from torch import Tensor

from bench.peers.lens import Peer, load
from bench.protocol import Measured, Operation, timed

# `evaluate_graph` puts its masks on the device named 'cuda' only for models with a norm after
# attention, and takes strings; ours are token ids of one length, and there is nothing to pad.


def _already_tokens(
    _model: Any, rows: Sequence[Any], *_: Any
) -> tuple[Tensor, Tensor, Tensor, int]:
    tokens = torch.stack(list(rows))
    length = tokens.shape[1]
    return tokens, torch.ones_like(tokens), torch.full((len(tokens),), length), length


evaluate.tokenize_plus = _already_tokens


class Eap(Peer):
    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder, edges=True))
        self.graph = Graph.from_model(self.model)

    def operations(self) -> dict[str, Operation]:
        return super().operations() | {"circuit": self.circuit, "without": self.without}

    def circuit(self, task: str, examples: int) -> Measured:
        return self._evaluate(task, examples, [None])

    def without(self, task: str, removed: Sequence[str]) -> Measured:
        return self._evaluate(task, len(self.prompts(task).listed), removed)

    def _evaluate(self, task: str, examples: int, removed: Sequence[str | None]) -> Measured:
        """The task's edges, without each of ``removed``: one `evaluate_graph` each."""
        prompts = self.prompts(task)
        batches = [
            (prompts.clean[i : i + 16], prompts.corrupt[i : i + 16], slice(i, i + 16))
            for i in range(0, examples, 16)
        ]

        def metric(logits: Tensor, _clean: Any, _lengths: Any, rows: slice) -> Tensor:
            return prompts.difference(logits, rows)

        def work() -> list[list[float]]:
            found = []
            for name in removed:
                self._keep([one for one in prompts.described["edges"] if one != name])
                values = evaluate.evaluate_graph(
                    self.model, self.graph, batches, metric, quiet=True
                )
                found.append(values.tolist())
            return found

        return timed(work)

    def _keep(self, names: Sequence[str]) -> None:
        self.graph.reset()
        for name in names:
            self.graph.edges[name].in_graph = True
        self.graph.nodes_in_graph[:] = True  # `evaluate_graph` prunes the idle ones itself

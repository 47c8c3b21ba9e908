"""EAP-IG: `evaluate_graph` on the edges of a circuit, the rest patched from the corrupt run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from eap import attribute, evaluate
from eap.graph import Graph
from torch import Tensor

from bench.peers.lens import Peer, Prompts, load
from bench.protocol import Measured, Operation, timed

# EAP-IG takes strings; ours are token ids of one length, and there is nothing to pad. It makes
# scores on the device named 'cuda', wherever the model is.


def _already_tokens(
    _model: Any, rows: Sequence[Any], *_: Any
) -> tuple[Tensor, Tensor, Tensor, int]:
    tokens = torch.stack(list(rows))
    length = tokens.shape[1]
    return tokens, torch.ones_like(tokens), torch.full((len(tokens),), length), length


evaluate.tokenize_plus = attribute.tokenize_plus = _already_tokens


class _OnCpu:
    """torch, but what is asked for on 'cuda' is made on the CPU."""

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)

    def zeros(self, *size: Any, device: str, dtype: torch.dtype) -> Tensor:
        return torch.zeros(*size, dtype=dtype)


attribute.torch = _OnCpu()


class Eap(Peer):
    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder, edges=True))
        self.graph = Graph.from_model(self.model)

    def operations(self) -> dict[str, Operation]:
        return super().operations() | {
            "circuit": self.circuit,
            "without": self.without,
            "scores": self.scores,
        }

    def circuit(self, task: str, examples: int) -> Measured:
        """`evaluate_graph` on the task's edges and its first prompts."""
        prompts = self.prompts(task)
        edges = prompts.described["edges"]
        return timed(lambda: [self._evaluate(prompts, examples, edges)])

    def without(self, task: str, removed: Sequence[str]) -> Measured:
        """The same without each of ``removed``."""
        prompts = self.prompts(task)
        return timed(lambda: self._without(prompts, prompts.described["edges"], removed))

    def scores(self, task: str, removed: Sequence[str]) -> Measured:
        """Edge attribution patching of every edge; then the model without each of ``removed``."""
        prompts = self.prompts(task)

        def work() -> list[list[float]]:
            with torch.enable_grad():
                attribute.attribute(
                    self.model,
                    self.graph,
                    _batches(prompts, len(prompts.listed)),
                    lambda *given: _metric(prompts, *given).mean(),
                    "EAP",
                    quiet=True,
                )
            return self._without(prompts, list(self.graph.edges), removed)

        return timed(work)

    def _without(
        self, prompts: Prompts, edges: Sequence[str], removed: Sequence[str]
    ) -> list[list[float]]:
        examples = len(prompts.listed)
        return [
            self._evaluate(prompts, examples, [edge for edge in edges if edge != gone])
            for gone in removed
        ]

    def _evaluate(self, prompts: Prompts, examples: int, edges: Sequence[str]) -> list[float]:
        self._keep(edges)
        values: list[float] = evaluate.evaluate_graph(
            self.model,
            self.graph,
            _batches(prompts, examples),
            lambda *given: _metric(prompts, *given),
            quiet=True,
        ).tolist()
        return values

    def _keep(self, names: Sequence[str]) -> None:
        self.graph.reset()
        for name in names:
            self.graph.edges[name].in_graph = True
        self.graph.nodes_in_graph[:] = True  # `evaluate_graph` prunes the idle ones itself


def _batches(prompts: Prompts, examples: int) -> list[tuple[Tensor, Tensor, slice]]:
    """Clean, corrupt, and which prompts they are, 16 at a time."""
    return [
        (prompts.clean[i : i + 16], prompts.corrupt[i : i + 16], slice(i, i + 16))
        for i in range(0, examples, 16)
    ]


def _metric(prompts: Prompts, logits: Tensor, _clean: Any, _lengths: Any, rows: slice) -> Tensor:
    return prompts.difference(logits, rows)

"""auto-circuit: edges of a circuit kept, the rest patched from the corrupt run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from auto_circuit.data import PromptDataLoader, PromptDataset
from auto_circuit.prune import run_circuits
from auto_circuit.prune_algos.mask_gradient import mask_gradient_prune_scores
from auto_circuit.types import AblationType, PatchType
from auto_circuit.utils.ablation_activations import src_ablations
from auto_circuit.utils.graph_utils import patch_mode, patchable_model
from torch import Tensor

from bench.peers.lens import Peer, Prompts, load
from bench.protocol import Measured, Operation, timed


class Auto(Peer):
    def __init__(self, folder: Path) -> None:
        model = load(folder, edges=True)
        super().__init__(
            patchable_model(model, factorized=True, slice_output="last_seq", separate_qkv=True)
        )
        self.edges = {_name(edge): edge for edge in self.model.edges}

    def operations(self) -> dict[str, Operation]:
        return super().operations() | {
            "circuit": self.circuit,
            "without": self.without,
            "scores": self.scores,
        }

    def circuit(self, task: str, examples: int) -> Measured:
        """`run_circuits` on the task's edges and its first prompts."""
        prompts = self.prompts(task)
        kept = [self.edges[name] for name in prompts.described["edges"]]
        scores = {
            wrapper.module_name: torch.zeros_like(wrapper.patch_mask)
            for wrapper in self.model.dest_wrappers
        }
        for edge in kept:
            scores[edge.dest.module_name][edge.patch_idx] = 1.0
        loader = self._loader(prompts, examples)

        def work() -> list[list[float]]:
            found = run_circuits(
                self.model,
                loader,
                [len(kept)],
                scores,
                PatchType.TREE_PATCH,
                AblationType.RESAMPLE,
            )
            (outputs,) = found.values()
            logits = torch.cat([outputs[batch.key] for batch in loader])
            return [prompts.difference(logits[:, None], slice(examples)).tolist()]

        return timed(work)

    def without(self, task: str, removed: Sequence[str]) -> Measured:
        """The circuit without each of ``removed``, one pass each under one `patch_mode`. ``once``
        is what the corrupt run takes."""
        prompts = self.prompts(task)
        started = time.perf_counter()
        corrupt = src_ablations(self.model, prompts.corrupt, AblationType.RESAMPLE)
        once = time.perf_counter() - started

        edges = prompts.described["edges"]
        measured = timed(lambda: self._without(prompts, corrupt, edges, removed))
        return measured._replace(extra={"once": once})

    def scores(self, task: str, removed: Sequence[str]) -> Measured:
        """Edge attribution patching of every edge; then the model without each of ``removed``."""
        prompts = self.prompts(task)
        loader = self._loader(prompts, len(prompts.listed))

        def work() -> list[list[float]]:
            with torch.enable_grad():
                mask_gradient_prune_scores(
                    self.model, loader, None, "logit", "avg_diff", mask_val=0.0
                )
            corrupt = src_ablations(self.model, prompts.corrupt, AblationType.RESAMPLE)
            return self._without(prompts, corrupt, list(self.edges), removed)

        return timed(work)

    def _without(
        self, prompts: Prompts, corrupt: Tensor, edges: Sequence[str], removed: Sequence[str]
    ) -> list[list[float]]:
        found = []
        with patch_mode(self.model, corrupt), torch.inference_mode():
            for name in removed:
                self._patch_all_but([one for one in edges if one != name])
                logits: Tensor = self.model(prompts.clean)[self.model.out_slice]
                found.append(prompts.difference(logits[:, None]).tolist())
        return found

    def _patch_all_but(self, kept: Sequence[str]) -> None:
        for wrapper in self.model.dest_wrappers:
            wrapper.patch_mask.data = torch.ones_like(wrapper.patch_mask)
        for name in kept:
            edge = self.edges[name]
            edge.patch_mask(self.model).data[edge.patch_idx] = 0.0

    def _loader(self, prompts: Prompts, examples: int) -> Any:
        data = PromptDataset(
            prompts.clean[:examples],
            prompts.corrupt[:examples],
            list(prompts.answer[:examples, None]),
            list(prompts.against[:examples, None]),
        )
        return PromptDataLoader(data, seq_len=None, diverge_idx=0, batch_size=16)


def _name(edge: Any) -> str:
    """auto-circuit's ``A9.9->A10.0.Q`` as ``a9.h9->a10.h0<q>``, and so on."""
    target, port = edge.dest, ""
    name = target.name
    if name.startswith("A"):
        name, _, letter = name.rpartition(".")
        port = f"<{letter.lower()}>"
    return f"{_node(edge.src.name)}->{_node(name)}{port}"


def _node(name: str) -> str:
    if name.startswith("A"):
        layer, _, head = name[1:].partition(".")
        return f"a{layer}.h{head}"
    if name.startswith("MLP"):
        return f"m{name.split()[1]}"
    return {"Resid Start": "input", "Resid End": "logits"}[name]

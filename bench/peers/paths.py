"""path_patching: from each sender's z, other heads frozen, MLPs recomputed, to one receiver set."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from path_patching import Node, path_patch, relevant_names_filter

from bench.peers.lens import Peer, load
from bench.protocol import Measured, Operation, timed


class Paths(Peer):
    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder))

    def operations(self) -> dict[str, Operation]:
        return super().operations() | {"paths": self.paths}

    def paths(
        self, task: str, to: str, senders: Sequence[Sequence[int]], at: str | None = None
    ) -> Measured:
        """Logit differences after patching each sender, (layer, head). ``to``: ``logits``, or ``q``
        of the task's receivers; ``at`` limits both ends to one position. ``once`` is what the two
        cached runs take."""
        prompts, model = self.prompts(task), self.model
        receivers: list[Any] = [Node("resid_post", model.cfg.n_layers - 1)]
        if to == "q":
            listed = [name[1:].split(".h") for name in prompts.described["receivers"]]
            receivers = [Node("q", int(layer), head=int(index)) for layer, index in listed]
        where = at and [one["positions"][at][0] for one in prompts.listed]
        started = time.perf_counter()
        _, clean = model.run_with_cache(
            prompts.clean, return_type=None, names_filter=relevant_names_filter
        )
        _, corrupt = model.run_with_cache(
            prompts.corrupt, return_type=None, names_filter=relevant_names_filter
        )
        once = time.perf_counter() - started

        def work() -> list[list[float]]:
            return [
                path_patch(
                    model,
                    orig_input=prompts.clean,
                    new_input=prompts.corrupt,
                    sender_nodes=Node("z", layer, head=index),
                    receiver_nodes=receivers,
                    patching_metric=prompts.difference,
                    orig_cache=clean,
                    new_cache=corrupt,
                    seq_pos=where,
                ).tolist()
                for layer, index in senders
            ]

        return timed(work)._replace(extra={"once": once})

"""A graph as EAP-IG's ``Graph.to_pt`` saves it, by torch itself."""

from __future__ import annotations

import io
from typing import Any

import torch


def saved(data: object, **options: bool) -> bytes:
    file = io.BytesIO()
    torch.save(data, file, **options)
    return file.getvalue()


def tensors(layers: int, heads: int, d_model: int, scored: bool = True) -> dict[str, Any]:
    """A graph without a mark, every edge scored by its place in the tensor."""
    sources = ["input"]
    readers: list[str] = []
    for layer in range(layers):
        names = [f"a{layer}.h{head}" for head in range(heads)]
        sources += [*names, f"m{layer}"]
        readers += [f"{name}<{port}>" for port in "qkv" for name in names] + [f"m{layer}"]
    readers.append("logits")
    size = len(sources), len(readers)
    cfg = {"n_layers": layers, "n_heads": heads, "parallel_attn_mlp": False, "d_model": d_model}
    scores = torch.arange(size[0] * size[1], dtype=torch.float32).view(size)
    return {
        "cfg": cfg,
        "src_nodes": sources,
        "dst_nodes": readers,
        **({"edges_scores": scores} if scored else {}),
        "edges_in_graph": torch.zeros(size, dtype=torch.bool),
        "nodes_in_graph": torch.zeros(size[0], dtype=torch.bool),
    }

"""A submission to MIB with small models under MIB's names, and how it is spoiled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from circuitlang.exchange.eap_graph import graph_edges
from circuitlang.exchange.mib import MibModel
from circuitlang.exchange.mib_check import validate

TINY = {
    "gpt2": MibModel(4, 4, 8, 0, ()),
    "qwen2.5": MibModel(5, 2, 8, 0, ()),
}


def graph_text(model: str, marked: int = 0, score: float = 0.0) -> str:
    """A whole graph of which the first edges are marked."""
    sizes = TINY[model]
    names = list(map(str, graph_edges(sizes.n_layers, sizes.n_heads, parallel=False)))
    cfg = {"n_layers": sizes.n_layers, "n_heads": sizes.n_heads, "d_model": sizes.d_model}
    edges = {name: {"score": score, "in_graph": i < marked} for i, name in enumerate(names)}
    return json.dumps({"cfg": {**cfg, "parallel_attn_mlp": False}, "nodes": {}, "edges": edges})


def problems(folder: Path) -> list[tuple[str, str, str]]:
    return [
        (Path(findings.source.name).relative_to(folder).as_posix(), one.code, one.message)
        for findings in validate(folder)
        for one in findings.diagnostics
    ]


def change(path: str, edit: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        data = json.loads((folder / path).read_text())
        edit(data)
        (folder / path).write_text(json.dumps(data))

    return apply


def no_scores(data: Any) -> None:
    for edge in data["edges"].values():
        del edge["score"]


SMALL, RANKED = "ioi_gpt2/circuit_0.1.json", "mcqa_qwen2.5/importances.json"

"""What MIB's circuit track fixes: tasks, models, folder names and circuit sizes.

From hannamw/MIB-circuit-track @b759df3, README and `MIB_circuit_track/utils.py`; edge counts from
the evaluator of submissions, mttk/MIB-circuit-track-autoeval @b48d9ba.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# The largest share of the model's edges that each of the nine circuits may have.
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
LEAST_TASKS = LEAST_MODELS = 2


class MibModel(NamedTuple):
    """``edges`` is the whole graph's number of edges, ``sources`` how a `.circuit` names it."""

    n_layers: int
    n_heads: int
    d_model: int
    edges: int
    sources: tuple[str, ...]


MODELS: Mapping[str, MibModel] = MappingProxyType(
    {
        "gpt2": MibModel(12, 12, 768, 32_491, ("hf:gpt2", "hf:openai-community/gpt2")),
        "qwen2.5": MibModel(24, 14, 896, 179_749, ("hf:Qwen/Qwen2.5-0.5B",)),
        "gemma2": MibModel(26, 8, 2304, 74_218, ("hf:google/gemma-2-2b",)),
        "llama3": MibModel(
            *(32, 32, 4096, 1_592_881),
            ("hf:meta-llama/Llama-3.1-8B", "hf:meta-llama/Meta-Llama-3.1-8B"),
        ),
    }
)
_COLUMNS = {
    "ioi": ("gpt2", "qwen2.5", "gemma2", "llama3"),
    "mcqa": ("qwen2.5", "gemma2", "llama3"),
    "arithmetic-addition": ("llama3",),
    "arithmetic-subtraction": ("llama3",),
    "arc-easy": ("gemma2", "llama3"),
    "arc-challenge": ("llama3",),
}
TASKS = tuple(_COLUMNS)
FOLDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {f"{task}_{model}": (task, model) for task, models in _COLUMNS.items() for model in models}
)


def model_of(source: str) -> str | None:
    """MIB's name of the model that a `.circuit` names."""
    return next((name for name, model in MODELS.items() if source in model.sources), None)


def most_edges(model: str) -> tuple[int, ...]:
    """How many edges each of the nine circuits may have, smallest first."""
    return tuple(int(share * MODELS[model].edges) for share in SHARES)


def percent(share: float) -> str:
    """``0.1``, ``50``: as MIB writes a share, in percent."""
    return f"{share * 100:g}"

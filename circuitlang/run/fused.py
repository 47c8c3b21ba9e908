"""One kernel in place of seven: transformers writes GPT-2's activation as a chain of small
operations, each a pass over the MLP's hidden rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from transformers.activations import NewGELUActivation

from circuitlang.model.decoder import Decoder


@contextmanager
def fused_activations(decoder: Decoder) -> Iterator[None]:
    """Inside, tanh-approximated GELUs (Hendrycks & Gimpel 2016, eq. 2) are torch's single kernel:
    the same formula, equal but for rounding. The model is put back as it was."""
    found: list[tuple[nn.Module, str, nn.Module]] = []
    for layer in range(decoder.shape.n_layers):
        module = decoder.mlp_module(layer)
        found += [
            (module, name, child)
            for name, child in module.named_children()
            if isinstance(child, NewGELUActivation)
        ]
    try:
        for module, name, _ in found:
            setattr(module, name, nn.GELU(approximate="tanh"))
        yield
    finally:
        for module, name, child in found:
            setattr(module, name, child)

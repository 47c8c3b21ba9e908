"""What differs between decoder architectures: one record a family, everything else is shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

from torch import Tensor, nn

from circuitlang.circuit.names import Port
from circuitlang.circuit.shape import ModelShape
from circuitlang.model import families

# Hugging Face models and configurations carry no useful static types.
Model = Any
Config = Any


class HeadWeights(NamedTuple):
    """A projection split into query heads.

    ``weight``: (head, d_in, d_out), so that ``x @ weight[h]`` is head h's share. ``bias``: (head,
    d_out), or None. Where queries share keys and values the shared ones are repeated.
    """

    weight: Tensor
    bias: Tensor | None


@dataclass(frozen=True)
class Family:
    """How to find the parts of one architecture's Hugging Face modules.

    ``name`` is the ``model_type`` of the configuration. A block is sequential and pre-norm:
    ``x += attention(norm(x)); x += mlp(norm(x))``. ``objection`` says why a configuration of the
    family cannot be taken apart faithfully, or None.
    """

    name: str
    shape: Callable[[Config], ModelShape]
    objection: Callable[[Config], str | None]
    embed: Callable[[Model, Tensor], Tensor]  # (batch, position) -> (batch, position, d_model)
    blocks: Callable[[Model], Sequence[nn.Module]]
    attention: Callable[[Any], nn.Module]
    mlp: Callable[[Any], nn.Module]
    attention_norm: Callable[[Any], nn.Module]
    mlp_norm: Callable[[Any], nn.Module]
    final_norm: Callable[[Model], nn.Module]
    output: Callable[[Any], nn.Module]  # of an attention module: its output projection
    scaling: Callable[[Any], float]  # of an attention module: factor on q·k
    read: Callable[[Any, ModelShape, Port], HeadWeights]
    write: Callable[[Any, ModelShape], HeadWeights]
    # (batch, position, head, d_head) and the positions, (batch or 1, position)
    rotate: Callable[[Model, Tensor, Tensor], Tensor] | None
    norms_in_float32: tuple[type[nn.Module], ...] = ()  # compute in float32 whatever the dtype


@cache
def supported() -> tuple[str, ...]:
    """The families there are: one module each in `circuitlang.model.families`."""
    return tuple(sorted(module.name for module in iter_modules(families.__path__)))


def family(name: str) -> Family | None:
    """The family of that ``model_type``, or None where it is not supported."""
    if name not in supported():
        return None
    found: Family = import_module(f"{families.__name__}.{name}").FAMILY
    return found

"""What every component of a model sends: recorded from a run of the model's own modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder

Hook = Callable[[Tensor], Tensor | None]


class Values(NamedTuple):
    """One value for each component, in the decoder's `sum_dtype`.

    ``embedding``: (batch, position, d_model). ``heads``, one a layer: z before the output
    projection, (batch, position, head, d_head). ``mlps``, one a layer: (batch, position, d_model).
    A dimension of batch or position may be 1 where all share the value.
    """

    embedding: Tensor
    heads: tuple[Tensor, ...]
    mlps: tuple[Tensor, ...]

    def of(self, node: Node) -> Tensor:
        """(batch, position, d_head) of a head, (batch, position, d_model) of any other."""
        match node.kind:
            case "head":
                return self.heads[node.layer][:, :, node.head]
            case "mlp":
                return self.mlps[node.layer]
            case _:
                return self.embedding

    def map(self, function: Callable[[Tensor], Tensor]) -> Values:
        return Values(
            function(self.embedding),
            tuple(function(z) for z in self.heads),
            tuple(function(output) for output in self.mlps),
        )

    def zip(self, other: Values, function: Callable[[Tensor, Tensor], Tensor]) -> Values:
        return Values(
            function(self.embedding, other.embedding),
            tuple(map(function, self.heads, other.heads)),
            tuple(map(function, self.mlps, other.mlps)),
        )


@contextmanager
def watching(
    decoder: Decoder,
    *,
    embedding: Hook | None = None,
    heads: dict[int, Hook] | None = None,
    mlps: dict[int, Hook] | None = None,
) -> Iterator[None]:
    """Hooks on the model's own modules, taken off again whatever happens.

    Each is called with what its component sends, in the model's dtype and shaped as in `Values`,
    and may give back what is to be sent instead.
    """
    with ExitStack() as stack:
        if embedding:
            block: nn.Module = decoder.blocks[0]
            handle = block.register_forward_pre_hook(_first_argument(embedding))
            stack.callback(handle.remove)
        for layer, hook in (heads or {}).items():
            projection = decoder.output_projection(layer)
            split = _split(hook, decoder.shape.n_heads)
            stack.callback(projection.register_forward_pre_hook(_first_argument(split)).remove)
        for layer, hook in (mlps or {}).items():
            module = decoder.mlp_module(layer)
            stack.callback(module.register_forward_hook(_output(hook)).remove)
        yield


@torch.no_grad()
def record(decoder: Decoder, tokens: Tensor, lengths: Tensor) -> Values:
    """What every component sends in the unmodified model on ``tokens``, (batch, position)."""
    found: dict[tuple[str, int], Tensor] = {}

    def keep(kind: str, layer: int) -> Hook:
        def hook(x: Tensor) -> None:
            found[kind, layer] = x.to(decoder.sum_dtype)

        return hook

    layers = range(decoder.shape.n_layers)
    with watching(
        decoder,
        embedding=keep("embedding", 0),
        heads={layer: keep("heads", layer) for layer in layers},
        mlps={layer: keep("mlp", layer) for layer in layers},
    ):
        decoder.run(tokens, lengths)
    return Values(
        found["embedding", 0],
        tuple(found["heads", layer] for layer in layers),
        tuple(found["mlp", layer] for layer in layers),
    )


def _first_argument(hook: Hook) -> Callable[..., Any]:
    def call(_: nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
        instead = hook(arguments[0])
        return None if instead is None else (instead, *arguments[1:])

    return call


def _output(hook: Hook) -> Callable[..., Any]:
    return lambda _module, _arguments, output: hook(output)


def _split(hook: Hook, n_heads: int) -> Hook:
    """The hook sees (batch, position, head, d_head) where the module has the heads side by side."""

    def call(x: Tensor) -> Tensor | None:
        instead = hook(x.reshape(*x.shape[:-1], n_heads, -1))
        return None if instead is None else instead.flatten(start_dim=-2)

    return call

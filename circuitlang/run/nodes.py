"""A variant at the granularity of nodes: the model's own forward pass, with outputs replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from circuitlang.circuit.names import INPUT, Node, head, mlp
from circuitlang.model.decoder import Decoder
from circuitlang.plan.variant import Variant, Version
from circuitlang.plan.versions import Versions, versions
from circuitlang.run.batch import Batch
from circuitlang.run.values import Hook, Values, record, watching


@torch.no_grad()
def run_nodes(decoder: Decoder, batch: Batch, variant: Variant, ablated: Values) -> Tensor:
    """What the metric reads, after the final norm: (row, d_model).

    Where a node is not live, what it sends is replaced: z of a head, the output of an MLP, the
    embeddings. A live head reads queries, keys and values of the stream as it is. The bias of the
    attention output belongs to no head and stays.
    """
    replace = _replacement(decoder, batch, variant, ablated)
    with _replacing(decoder, replace):
        return batch.rows(decoder.run(batch.tokens, batch.lengths))


def _sent(decoder: Decoder, batch: Batch, variant: Variant, ablated: Values) -> Values:
    """What every node sends in a run of the variant."""
    with _replacing(decoder, _replacement(decoder, batch, variant, ablated)):
        return record(decoder, batch.tokens, batch.lengths)


def _replacement(decoder: Decoder, batch: Batch, variant: Variant, ablated: Values) -> _Replacement:
    lent = {other: _sent(decoder, batch, other, ablated) for other in set(variant.nested)}
    return _Replacement(batch, versions(variant, decoder.shape), ablated, lent)


@contextmanager
def _replacing(decoder: Decoder, replace: _Replacement) -> Iterator[None]:
    """Hooks on the modules whose nodes do not all send what they compute."""

    def whole(node: Node) -> Hook:
        return lambda x: replace(node, x)

    def split(nodes: Sequence[Node]) -> Hook:
        return lambda x: torch.stack([replace(node, x[:, :, node.head]) for node in nodes], dim=2)

    layers = range(decoder.shape.n_layers)
    heads = {i: [head(i, index) for index in range(decoder.shape.n_heads)] for i in layers}
    with watching(
        decoder,
        embedding=whole(INPUT) if replace.touches(INPUT) else None,
        heads={i: split(heads[i]) for i in layers if any(map(replace.touches, heads[i]))},
        mlps={i: whole(mlp(i)) for i in layers if replace.touches(mlp(i))},
    ):
        yield


class _Replacement:
    """What a node sends instead of what it has computed."""

    def __init__(
        self, batch: Batch, said: Versions, ablated: Values, lent: Mapping[Variant, Values]
    ) -> None:
        self.batch, self.said, self.ablated, self.lent = batch, said, ablated, lent

    def touches(self, node: Node) -> bool:
        return self.said.default is Version.ABLATED or bool(self.said.of(node))

    def __call__(self, node: Node, live: Tensor) -> Tensor:
        sent = self._value(node, self.said.default, live)
        for at, version in self.said.of(node):
            where = self.batch.mask(at)[..., None]
            sent = torch.where(where, self._value(node, version, live), sent)
        return sent

    def _value(self, node: Node, version: Version | Variant, live: Tensor) -> Tensor:
        if version is Version.LIVE:
            return live
        values = self.lent[version] if isinstance(version, Variant) else self.ablated
        return values.of(node).to(live.dtype).expand_as(live)

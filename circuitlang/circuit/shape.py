"""What a model's configuration says about its component graph; no weights, no torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, feeds, head, mlp


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Sizes of a decoder.

    ``family`` is the ``model_type`` of its Hugging Face configuration (``gpt2``, ``llama``).
    ``n_kv_heads`` is smaller than ``n_heads`` where queries share keys and values.
    """

    family: str
    n_layers: int
    n_heads: int
    n_kv_heads: int
    d_model: int
    d_head: int
    d_mlp: int
    vocab_size: int
    context: int

    def has(self, node: Node) -> bool:
        match node.kind:
            case "head":
                return node.layer < self.n_layers and node.head < self.n_heads
            case "mlp":
                return node.layer < self.n_layers and self.d_mlp > 0
            case _:
                return True

    @property
    def heads(self) -> tuple[Node, ...]:
        return tuple(head(i, h) for i in range(self.n_layers) for h in range(self.n_heads))

    @property
    def mlps(self) -> tuple[Node, ...]:
        return tuple(mlp(i) for i in range(self.n_layers)) if self.d_mlp else ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All components in order of evaluation, `input` first and `logits` last."""
        return (INPUT, *sorted((*self.heads, *self.mlps)), LOGITS)

    def edges(self) -> Iterator[Edge]:
        """Every edge of the full graph (GPT-2 small has 32,491)."""
        nodes = self.nodes
        for target in nodes:
            for port in target.ports:
                for source in nodes:
                    if feeds(source, target):
                        yield Edge(source, target, port)

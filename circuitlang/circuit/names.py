"""Nodes and edges of the component graph, under the names that EAP-IG and MIB files use.

A decoder is a graph of components that read sums from the residual stream and write to it:
``input`` (the embeddings), attention heads ``aL.hH``, MLPs ``mL`` and ``logits``. A head reads
through three ports, ``q``, ``k`` and ``v``; every other reader has a single unnamed port.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Port = Literal["q", "k", "v"]
PORTS: tuple[Port, ...] = ("q", "k", "v")

# As in the grammar: no leading zeros, so that a node has one spelling, and bounded.
_INDEX = "(0|[1-9][0-9]{0,4})"
_HEAD = re.compile(rf"a{_INDEX}\.h{_INDEX}\Z")
_MLP = re.compile(rf"m{_INDEX}\Z")
_EDGE = re.compile(r"([^<>\s]+)->([^<>\s]+?)(?:<([qkv])>)?\Z")


class Node(NamedTuple):
    """One component. Tuples compare in the order of evaluation: input, layer by layer
    (heads before the MLP), logits."""

    layer: int
    kind: Literal["input", "head", "mlp", "logits"]
    head: int = -1

    def __str__(self) -> str:
        match self.kind:
            case "head":
                return f"a{self.layer}.h{self.head}"
            case "mlp":
                return f"m{self.layer}"
            case _:
                return self.kind

    @property
    def ports(self) -> tuple[Port | None, ...]:
        """The ports that this node reads through; none for the input."""
        match self.kind:
            case "head":
                return PORTS
            case "input":
                return ()
            case _:
                return (None,)


# 'head' < 'mlp' in the alphabet, so plain tuple order is evaluation order within a layer too.
INPUT = Node(-1, "input")
LOGITS = Node(1_000_000, "logits")


def head(layer: int, index: int) -> Node:
    return Node(layer, "head", index)


def mlp(layer: int) -> Node:
    return Node(layer, "mlp")


def parse_node(text: str) -> Node | None:
    """The node of that name, or None where the text names no node."""
    if text == "input":
        return INPUT
    if text == "logits":
        return LOGITS
    if match := _HEAD.match(text):
        return head(int(match[1]), int(match[2]))
    if match := _MLP.match(text):
        return mlp(int(match[1]))
    return None


class Reader(NamedTuple):
    """One port of a node: where edges end, and what reads their sum."""

    node: Node
    port: Port | None = None

    def __str__(self) -> str:
        return f"{self.node}<{self.port}>" if self.port else str(self.node)


class Edge(NamedTuple):
    """A residual-stream edge into one port of its target."""

    source: Node
    target: Node
    port: Port | None = None

    @property
    def reader(self) -> Reader:
        return Reader(self.target, self.port)

    def __str__(self) -> str:
        return f"{self.source}->{self.reader}"


def parse_edge(text: str) -> Edge | None:
    """The edge written ``a9.h9->logits`` or ``m0->a1.h0<q>``, or None where it names none."""
    match = _EDGE.match(text)
    if match is None:
        return None
    source, target = parse_node(match[1]), parse_node(match[2])
    if source is None or target is None:
        return None
    port: Port | None = None
    for known in PORTS:
        if match[3] == known:
            port = known
    return Edge(source, target, port)


def feeds(source: Node, target: Node) -> bool:
    """Whether the source's output is in the residual stream that the target reads.

    Attention of a layer is computed before its MLP (sequential blocks), so heads feed the MLP of
    their own layer but not each other. `input` feeds everything, everything feeds `logits`.
    """
    if source.kind == "logits" or target.kind == "input" or source == target:
        return False
    if source.kind == "input" or target.kind == "logits":
        return True
    if source.layer == target.layer:
        return source.kind == "head" and target.kind == "mlp"
    return source.layer < target.layer

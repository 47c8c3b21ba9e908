"""The edges that ACDC (Conmy et al. 2023) saves, as data: JSON, text, or a pickle's plain content.

An edge is ``(receiver hook, index, sender hook, index)``, with the receiver first, and beside it an
effect size or whether it is in the subgraph. Three kinds of edges share the list. Only those that a
sum of the residual stream makes are edges here; the others join a head's or an MLP's own parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, Port, feeds, head, mlp
from circuitlang.exchange import acdc_graph
from circuitlang.exchange.acdc_pickle import read_saved
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, check_count, ends, of_edges
from circuitlang.exchange.format import Format, Imported
from circuitlang.exchange.pickled import Record
from circuitlang.exchange.report import Dropped, Report, dropped
from circuitlang.exchange.values import MOST_BYTES, Value, reader
from circuitlang.syntax.strict_json import RefusedError, decode, parse_json, shown

_N = "(0|[1-9][0-9]{0,4})"
_ADDS = re.compile(rf"blocks\.{_N}\.(?:hook_([qkv])_input|hook_mlp_in|hook_resid_mid)\Z")
_FINAL = re.compile(rf"blocks\.{_N}\.hook_resid_post\Z")
_SENDS = re.compile(rf"blocks\.{_N}\.(attn\.hook_result|hook_mlp_out)\Z")
_INSIDE = re.compile(rf"blocks\.{_N}\.(attn\.hook_[qkv]|attn\.hook_result|hook_mlp_out)\Z")
_SPLIT_EMBEDS = ("hook_embed", "hook_pos_embed")
_EMBEDS = ("blocks.0.hook_resid_pre", *_SPLIT_EMBEDS)
_INDEX = r"[(\[]([^()\[\]]{0,60})[)\]]"
_LINE = re.compile(
    rf"""\s*\(*\s*['"]?([\w.]+)['"]?\s*,?\s*{_INDEX}\s*,?\s*['"]?([\w.]+)['"]?\s*,?\s*{_INDEX}"""
    r"""\s*\)*\s*[:,=]?\s*([-+\w.]*)\s*\)*,?\s*\Z"""
)
_EVERY = {"None", ":", "COLON", "null"}


class _Saved(NamedTuple):
    """One entry. ``value`` is the effect size, or whether the edge is present, or None."""

    receiver: Value
    receiver_index: Value
    sender: Value
    sender_index: Value
    value: Any

    @property
    def path(self) -> str:
        return self.receiver.path.rpartition("[")[0] or self.receiver.path


@reader("a list of ACDC's edges")
def read(content: bytes) -> Imported:
    """One role, ``members``, and an edge statement for each pair of nodes."""
    data = _data(content)
    if acdc_graph.is_graph(data):
        return acdc_graph.read(Value(data))
    edges: set[Edge] = set()
    absent = inside = repeated = joined = effects = 0
    finals: set[str] = set()
    for count, saved in enumerate(_lines(data) if isinstance(data, str) else _saved(data)):
        check_count(count + 1)
        effects += isinstance(saved.value, int | float) and not isinstance(saved.value, bool)
        if saved.value is False:
            absent += 1
        elif _INSIDE.match(saved.receiver.text()):
            inside += 1
        else:
            edge = _edge(saved)
            finals.update({saved.receiver.text()} if edge.target == LOGITS else ())
            split = saved.sender.text() in _SPLIT_EMBEDS
            joined += edge in edges and split
            repeated += edge in edges and not split
            edges.add(edge)
    if len(finals) > 1:
        raise RefusedError(f"two layers end the model: {', '.join(sorted(finals))}")
    report = Report(
        {"nodes": len(ends(edges)), "edges": len(edges)},
        dropped(
            Dropped(inside, "edges inside a component", "a head is one node with three ports"),
            Dropped(absent, "edges marked False", "they are not in the subgraph"),
            Dropped(effects, "effect sizes", "a claim has no attributions, only parts"),
            Dropped(joined, "edges of a second embedding", "`input` is both embeddings"),
            Dropped(repeated, "repeated edges", "an edge is in a circuit once"),
        ),
        (ANYWHERE, LEFT_OUT),
    )
    return Imported(of_edges(edges), report)


def _data(content: bytes) -> Any:
    """What a pickle or a JSON file holds; of any other file, its text."""
    if content[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        return read_saved(content)
    text = decode(content, MOST_BYTES)
    return parse_json(text) if text[:256].lstrip()[:1] in ("[", "{") else text


def _saved(data: Any) -> Iterator[_Saved]:
    """``save_edges`` gives a list of ``(edge, effect)``, ``save_subgraph`` a dict of booleans."""
    if isinstance(data, dict) and not isinstance(data, Record):
        for i, (key, value) in enumerate(data.items()):
            a, b, c, d = Value(key, f"$.keys()[{i}]").exactly(4)
            yield _Saved(a, b, c, d, value)
        return
    for item in Value(data).each():
        parts = tuple(item.each())
        if len(parts) == 4:
            a, b, c, d = parts
            yield _Saved(a, b, c, d, None)
            continue
        edge, value = item.exactly(2)
        a, b, c, d = edge.exactly(4)
        yield _Saved(a, b, c, d, value.data)


def _lines(text: str) -> Iterator[_Saved]:
    """One edge a line as Python prints it; empty lines and ``#`` comments are passed over."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line) if len(line) < 400 else None
        if match is None:
            raise RefusedError(
                f"line {number} is no edge: `{shown(line.strip())}`",
                "write `blocks.9.hook_q_input [:, :, 9] blocks.8.attn.hook_result [:, :, 6]`",
            )
        receiver, at, sender, sent, value = match.groups()
        where = f"line {number}"
        yield _Saved(
            Value(receiver, where),
            Value(_index(at), where),
            Value(sender, where),
            Value(_index(sent), where),
            {"True": True, "False": False}.get(value, 0.0 if value else None),
        )


def _index(text: str) -> list[Any]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [None if part in _EVERY else int(part) if part.isdecimal() else part for part in parts]


def _edge(saved: _Saved) -> Edge:
    target, port = _receiver(saved.receiver, saved.receiver_index)
    edge = Edge(_sender(saved.sender, saved.sender_index), target, port)
    if not feeds(edge.source, edge.target):
        raise RefusedError(
            f"`{saved.path}` runs from {edge.source} to {edge.target}, against the order of layers"
        )
    return edge


def _receiver(hook: Value, index: Value) -> tuple[Node, Port | None]:
    name = hook.text()
    if _FINAL.match(name):
        return LOGITS, None
    match = _ADDS.match(name)
    if match is None:
        raise hook.wrong("a hook that reads the stream was needed", "such as blocks.9.hook_q_input")
    port: Port | None = next((known for known in ("q", "k", "v") if match[2] == known), None)
    layer = int(match[1])
    return (mlp(layer), None) if port is None else (head(layer, _head(index)), port)


def _sender(hook: Value, index: Value) -> Node:
    name = hook.text()
    if name in _EMBEDS:
        return INPUT
    match = _SENDS.match(name)
    if match is None:
        raise hook.wrong(
            "a hook that writes to the stream was needed", "such as blocks.8.attn.hook_result"
        )
    layer = int(match[1])
    return mlp(layer) if match[2] == "hook_mlp_out" else head(layer, _head(index))


def _head(index: Value) -> int:
    """The head of an index ``[:, :, h]``. A position in it is refused: ACDC's own reading of
    positions is an experiment that its files do not describe."""
    data = index.data
    if isinstance(data, Record):
        index = Value(data.get("hashable_tuple"), f"{index.path}.hashable_tuple")
    first, second, found = index.exactly(3)
    if first.data is not None or second.data is not None:
        raise index.wrong("an index `[:, :, head]` was needed")
    return found.whole(99_999)


FORMAT = Format(
    name="acdc",
    title="edges of ACDC: JSON, text, or the plain data of a pickle",
    layout="ArthurConmy/Automatic-Circuit-Discovery @bc99ace8, `save_edges`, `save_subgraph`;"
    " princeton-nlp/Edge-Pruning @a918efd, `acdc_ioi.py`",
    carries="edges by port",
    loses="effect sizes, edges inside a head or an MLP; nothing is unpickled",
    read=read,
)

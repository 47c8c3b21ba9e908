"""A graph file of EAP-IG, whichever of its two kinds it is."""

from __future__ import annotations

from circuitlang.exchange.eap_graph import Graph
from circuitlang.exchange.eap_json import read_json
from circuitlang.exchange.eap_pt import read_pt
from circuitlang.exchange.torch_archive import is_archive, is_old
from circuitlang.exchange.values import refusal
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.strict_json import RefusedError


def read_graph(content: bytes | str) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """The graph of a JSON text or of a ``.pt``, or None and one diagnostic: ``bad-graph-file``, or
    ``unsafe-pickle`` where a ``.pt`` does more than hold data."""
    try:
        if isinstance(content, bytes) and is_archive(content):
            return read_pt(content), ()
        if isinstance(content, bytes) and is_old(content):
            raise RefusedError(
                "torch saved it before version 1.6, or it is a pickle",
                "load it where it was made, and save it with a newer torch",
            )
        return read_json(content), ()
    except RefusedError as error:
        return None, (refusal("a graph of EAP-IG", error),)

"""Rows of attention patterns: where a head looks from one token of a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder
from circuitlang.run.batch import pad
from circuitlang.run.probes import patterns
from circuitlang.task.dataset import Tokens


class Look(NamedTuple):
    """A head and the place of a query token in one prompt of several."""

    head: Node
    prompt: int
    query: int


def attention_rows(
    decoder: Decoder, prompts: Sequence[Tokens], looks: Sequence[Look]
) -> Mapping[Look, tuple[float, ...]]:
    """The probabilities of the tokens up to the query, (query + 1,) for each look.

    One pass of the unmodified model over the prompts, which run side by side: a few, not a data
    set. Raises IndexError for a query that is not in its prompt.
    """
    if not looks:
        return {}
    tokens, lengths = pad(prompts, decoder.device)
    found = patterns(decoder, (look.head for look in looks), tokens, lengths)
    rows: dict[Look, tuple[float, ...]] = {}
    for look in looks:
        if not 0 <= look.query < len(prompts[look.prompt]):
            raise IndexError(f"token {look.query} of a prompt of {len(prompts[look.prompt])}")
        row = found[look.head][look.prompt, look.query, : look.query + 1]
        rows[look] = tuple(row.tolist())
    return rows

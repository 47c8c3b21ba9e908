"""From logits to one number a target: the task's metrics, accuracy and the divergence from M.

All formulas take logits in float64, (row, vocab_size), and give (row,). A row is one target: a
position of an example, with a set of answer tokens and a set of rivals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from circuitlang.model.decoder import Decoder
from circuitlang.plan.sharing import FEW_LOGITS
from circuitlang.task.dataset import Target, Tokens

# Logits are made for so many rows at a time that they hold at most this many numbers.
_LOGITS = 1 << 23


class TokenSets(NamedTuple):
    """One set of tokens a row. ``ids``: (row, k), short sets filled up with a member of theirs.
    ``member``: (row, k), False where filled up. ``empty``: whether every set is empty."""

    ids: Tensor
    member: Tensor
    empty: bool


Reading = Callable[[Tensor, TokenSets, TokenSets, Tensor], Tensor]


@torch.no_grad()
def read_targets(
    decoder: Decoder,
    reading: str,
    rows: Tensor,
    targets: Sequence[Target],
    model_rows: Tensor,
) -> Tensor:
    """The reading at each target: (row,) in float64.

    ``rows`` and ``model_rows`` are final-norm outputs, (row, d_model), of the variant and of the
    unmodified model. Raises ValueError where the targets lack what the reading needs.
    """
    read = READINGS[reading]
    size = max(1, _LOGITS // decoder.shape.vocab_size)
    parts: list[Tensor] = []
    for start in range(0, len(targets), size):
        part = slice(start, start + size)
        answer, against = _token_sets(reading, targets[part], rows.device)
        logits = decoder.unembed(rows[part]).double()
        model = decoder.unembed(model_rows[part]).double() if reading == "kl" else logits
        parts.append(read(logits, answer, against, model))
    return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64)


@torch.no_grad()
def read_variants(
    decoder: Decoder,
    reading: str,
    rows: Tensor,
    targets: Sequence[Target],
    model_rows: Tensor,
) -> Tensor:
    """As `read_targets`, of many variants: (variant, row, d_model) -> (variant, row).

    Where the reading compares a few tokens only, no other logit is computed.
    """
    variants = rows.shape[0]
    answer, against = _token_sets(reading, targets, rows.device)
    if reading not in FEW_LOGITS or against.empty:
        flat = read_targets(
            decoder,
            reading,
            rows.flatten(0, 1),
            tuple(targets) * variants,
            model_rows.repeat(variants, 1),
        )
        return flat.view(variants, -1)
    # The columns of the answers, then those of the rivals; each set is told its new places.
    columns = torch.cat([answer.ids, against.ids], 1)
    logits = decoder.unembed_tokens(rows, columns).double().flatten(0, 1)
    width = answer.ids.shape[1]
    places = torch.arange(columns.shape[1], device=rows.device).expand(logits.shape)

    def moved(sets: TokenSets, ids: Tensor) -> TokenSets:
        return TokenSets(ids, sets.member.repeat(variants, 1), sets.empty)

    found = READINGS[reading](
        logits, moved(answer, places[:, :width]), moved(against, places[:, width:]), logits
    )
    return found.view(variants, -1)


def logit_diff(logits: Tensor, answer: TokenSets, against: TokenSets, _: Tensor) -> Tensor:
    """Mean logit of the answers minus mean logit of the rivals (Wang et al. 2022, sec. 2, for one
    token each)."""
    return _mean(logits, answer) - _mean(logits, against)


def prob_diff(logits: Tensor, answer: TokenSets, against: TokenSets, _: Tensor) -> Tensor:
    """P(answers) - P(rivals), sums over the sets (Hanna et al. 2023, sec. 2)."""
    return _log_probability(logits, answer).exp() - _log_probability(logits, against).exp()


def log_prob(logits: Tensor, answer: TokenSets, _against: TokenSets, _: Tensor) -> Tensor:
    """log P(answers) in nats, the probability summed over the set."""
    return _log_probability(logits, answer)


def accuracy(logits: Tensor, answer: TokenSets, against: TokenSets, _: Tensor) -> Tensor:
    """1 where the best answer beats the best rival, or without rivals every other token; a tie is
    0, and what cannot be compared NaN."""
    best = logits.gather(1, answer.ids).amax(1)
    if against.empty:
        rival = logits.scatter(1, answer.ids, -torch.inf).amax(1)
    else:
        rival = logits.gather(1, against.ids).amax(1)
    return torch.where((best + rival).isnan(), torch.nan, (best > rival).double())


def kl(logits: Tensor, _answer: TokenSets, _against: TokenSets, model: Tensor) -> Tensor:
    """KL(p_M ‖ p) = Σ p_M (log p_M - log p) over the vocabulary, in nats."""
    log_model, log_variant = model.log_softmax(-1), logits.log_softmax(-1)
    return (log_model.exp() * (log_model - log_variant)).sum(-1)


READINGS: Mapping[str, Reading] = {
    "logit_diff": logit_diff,
    "prob_diff": prob_diff,
    "log_prob": log_prob,
    "accuracy": accuracy,
    "kl": kl,
}
_NEED_RIVAL = ("logit_diff", "prob_diff")


def _mean(logits: Tensor, sets: TokenSets) -> Tensor:
    picked = torch.where(sets.member, logits.gather(1, sets.ids), 0.0)
    return picked.sum(1) / sets.member.sum(1)


def _log_probability(logits: Tensor, sets: TokenSets) -> Tensor:
    picked = logits.log_softmax(-1).gather(1, sets.ids)
    return torch.where(sets.member, picked, -torch.inf).logsumexp(1)


def _token_sets(
    reading: str, targets: Sequence[Target], device: torch.device
) -> tuple[TokenSets, TokenSets]:
    """Answers and rivals. Raises ValueError where the targets lack what the reading needs."""
    answer = _sets([target.answer for target in targets], device)
    against = _sets([target.against for target in targets], device)
    if (answer.empty and reading != "kl") or (against.empty and reading in _NEED_RIVAL):
        raise ValueError(f"`{reading}` needs more than the targets bring")
    return answer, against


def _sets(sets: Sequence[Tokens], device: torch.device) -> TokenSets:
    """Raises ValueError where some sets are empty and others are not."""
    filled = [bool(tokens) for tokens in sets]
    if any(filled) and not all(filled):
        raise ValueError("some targets have tokens where others have none")
    width = max(1, *(len(tokens) for tokens in sets))
    ids = [[*tokens, *[next(iter(tokens), 0)] * (width - len(tokens))] for tokens in sets]
    member = [[i < len(tokens) for i in range(width)] for tokens in sets]
    return TokenSets(
        torch.tensor(ids, device=device), torch.tensor(member, device=device), not any(filled)
    )

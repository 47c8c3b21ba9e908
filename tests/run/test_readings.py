from __future__ import annotations

import math

import pytest
import torch

from circuitlang.run.readings import READINGS, TokenSets, read_targets
from circuitlang.task.dataset import Target, Tokens
from tests.model.tiny import decoder, gpt2

P = (0.5, 0.25, 0.125, 0.125)
LOGITS = torch.tensor([P], dtype=torch.float64).log() + 3


def _set(*ids: int) -> TokenSets:
    return TokenSets(
        torch.tensor([ids or (0,)]), torch.tensor([[True] * max(1, len(ids))]), not ids
    )


def _read(reading: str, answer: Tokens, against: Tokens = ()) -> float:
    return float(READINGS[reading](LOGITS, _set(*answer), _set(*against), LOGITS))


def test_logit_diff() -> None:
    assert _read("logit_diff", (0,), (1,)) == pytest.approx(math.log(2))


def test_logit_diff_of_sets_is_between_mean_logits() -> None:
    expected = (math.log(0.5) + math.log(0.25)) / 2 - math.log(0.125)
    assert _read("logit_diff", (0, 1), (2, 3)) == pytest.approx(expected)


def test_prob_diff_sums_probabilities() -> None:
    assert _read("prob_diff", (0, 1), (2,)) == pytest.approx(0.625)


def test_log_prob_is_of_the_summed_probability() -> None:
    assert _read("log_prob", (0, 2)) == pytest.approx(math.log(0.625))


@pytest.mark.parametrize(
    ("answer", "against", "right"),
    [((0,), (1,), 1), ((1,), (0,), 0), ((1, 2), (2, 3), 1), ((2,), (3,), 0)],
    ids=["best", "worse", "best-of-sets", "tie"],
)
def test_accuracy_against_rivals(answer: Tokens, against: Tokens, right: float) -> None:
    assert _read("accuracy", answer, against) == right


def test_accuracy_without_rivals_is_against_all_others() -> None:
    assert _read("accuracy", (0,)) == 1
    assert _read("accuracy", (1,)) == 0
    assert _read("accuracy", (1, 0)) == 1


def test_accuracy_of_nan_is_nan() -> None:
    logits = torch.tensor([[math.nan, 0.0, 0.0, 0.0]], dtype=torch.float64)
    assert READINGS["accuracy"](logits, _set(0), _set(1), logits).isnan()


def test_kl_is_from_the_model() -> None:
    model = (0.7, 0.1, 0.1, 0.1)
    found = READINGS["kl"](LOGITS, _set(), _set(), torch.tensor([model]).double().log())
    expected = sum(m * math.log(m / p) for m, p in zip(model, P, strict=True))
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_sets_of_different_sizes_side_by_side() -> None:
    model = decoder(gpt2())
    rows = torch.randn(3, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    targets = [Target(0, (1, 2, 3), (4,)), Target(0, (5,), (6, 7)), Target(0, (0,), (1, 299))]
    for reading in ("logit_diff", "prob_diff", "log_prob", "accuracy"):
        together = read_targets(model, reading, rows, targets, rows)
        alone = [
            read_targets(model, reading, rows[i : i + 1], [target], rows[i : i + 1])
            for i, target in enumerate(targets)
        ]
        assert torch.allclose(together, torch.cat(alone))


def test_a_metric_without_what_it_needs() -> None:
    model, rows = decoder(gpt2()), torch.zeros(1, 12, dtype=torch.float64)
    with pytest.raises(ValueError, match="`prob_diff` needs more"):
        read_targets(model, "prob_diff", rows, [Target(0, (1,))], rows)

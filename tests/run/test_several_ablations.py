"""Requests under several ablations in one run: the answers of one run each, and less work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.model.decoder import Decoder
from circuitlang.plan.ablations import Seen, by_ablation, under
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.run import reference, sparse
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import ABLATIONS, dataset

ZERO, MEAN, _, RESAMPLE, PAIRED = ABLATIONS
KEPT = Variant(Version.ABLATED, (Override(head(1, 0), EVERYWHERE, Version.LIVE),))
KNOCKED = Variant(Version.LIVE, (Override(head(0, 1), EVERYWHERE, Version.ABLATED),))
ASKED = [
    Evaluation(MODEL),
    Evaluation(KEPT),
    Evaluation(KEPT, "kl"),
    Evaluation(KNOCKED),
    Evaluation(KEPT, "kl", None, "report"),
    Evaluation(KEPT, examples=3),
]
Run = Callable[..., Observations]
RUNS = pytest.mark.parametrize("run", [reference.run, sparse.run], ids=["reference", "sparse"])


def everything(policy: Ablation) -> list[Request]:
    return [under(one, ablation, policy) for ablation in ABLATIONS for one in ASKED]


@RUNS
@pytest.mark.parametrize("policy", [ZERO, RESAMPLE], ids=str)
@pytest.mark.parametrize("model", [gpt2(), llama()], ids=["gpt2", "llama"])
def test_together_as_alone(run: Run, policy: Ablation, model: object) -> None:
    tiny, data = decoder(model), dataset()
    together = run(everything(policy), tiny, data, ablation=policy, seed=3, batch_size=2)
    for ablation in ABLATIONS:
        alone = reference.run(ASKED, tiny, data, ablation=ablation, seed=3)
        seen = Seen(together, ablation, policy)
        for request in ASKED:
            assert seen[request].values == pytest.approx(alone[request].values, rel=1e-9, abs=1e-9)
            assert seen[request].clusters == alone[request].clusters


def test_little_memory_changes_nothing() -> None:
    tiny, data = decoder(llama()), dataset()
    expected = sparse.run(everything(MEAN), tiny, data, ablation=MEAN, seed=3)
    found = sparse.run(everything(MEAN), tiny, data, ablation=MEAN, seed=3, memory=30_000)
    for request in expected:
        assert found[request].values == pytest.approx(expected[request].values, abs=1e-9)


@contextmanager
def prompts_run(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many prompts went through the model's own forward pass, pass by pass."""
    seen: list[int] = []
    run = Decoder.run

    def counted(self: Decoder, tokens: Tensor, lengths: Tensor) -> Tensor:
        seen.append(len(tokens))
        return run(self, tokens, lengths)

    with monkeypatch.context() as patch:
        patch.setattr(Decoder, "run", counted)
        yield seen


def test_each_corrupt_prompt_runs_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny, data = decoder(gpt2()), dataset()
    with prompts_run(monkeypatch) as seen:
        sparse.run(everything(ZERO), tiny, data, ablation=ZERO, seed=3, batch_size=2)
    assert sum(seen) == len(data)


def test_the_model_runs_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny, data = decoder(gpt2()), dataset()
    asked = everything(ZERO)
    with prompts_run(monkeypatch) as seen:
        reference.run(asked, tiny, data, ablation=ZERO, seed=3)
    # Whole data: two variants of each ablation and the model. Two samples: 3 and 2 examples (the
    # reporting half), one variant of each ablation; for KL the model is one more.
    variants = len(ABLATIONS)
    whole = len(data) * (1 + 2 * variants)
    samples = 3 * (variants + 1) + 2 * (variants + 1)
    assert sum(seen) == len(data) + whole + samples


@RUNS
def test_progress_counts_every_ablation(run: Run) -> None:
    steps: list[tuple[int, int]] = []
    run(
        everything(ZERO),
        decoder(gpt2()),
        dataset(),
        ablation=ZERO,
        seed=3,
        batch_size=2,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert {total for _, total in steps} == {len(steps)}


def test_what_removes_nothing_goes_with_the_first() -> None:
    groups = by_ablation(
        [Evaluation(MODEL), Evaluation(KEPT, ablation=ZERO), Evaluation(KEPT)], MEAN
    )
    assert groups == {
        ZERO: [Evaluation(MODEL), Evaluation(KEPT, ablation=ZERO)],
        MEAN: [Evaluation(KEPT)],
    }
    assert by_ablation([Evaluation(MODEL)], MEAN) == {ZERO: [Evaluation(MODEL)]}


def test_equal_numbers_are_asked_for_by_equal_requests() -> None:
    assert under(Evaluation(KEPT), MEAN, MEAN) == Evaluation(KEPT)
    assert under(Evaluation(MODEL), ZERO, MEAN) == Evaluation(MODEL)
    assert under(Evaluation(KEPT), ZERO, MEAN) == Evaluation(KEPT, ablation=ZERO)


def test_seen_under_an_ablation() -> None:
    tiny, data = decoder(gpt2()), dataset()
    asked = [*ASKED, under(Evaluation(KEPT), ZERO, MEAN)]
    known = sparse.run(asked, tiny, data, ablation=MEAN, seed=3)
    seen = Seen(known, ZERO, MEAN)
    assert set(seen) == {Evaluation(MODEL), Evaluation(KEPT)}
    assert len(seen) == 2
    assert Evaluation(KNOCKED) not in seen
    assert torch.equal(
        torch.tensor(seen[Evaluation(KEPT)].values),
        torch.tensor(known[under(Evaluation(KEPT), ZERO, MEAN)].values),
    )

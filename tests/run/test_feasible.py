from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node, head
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.request import Evaluation, RepeatedTokens, Request
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.run.feasible import feasible
from circuitlang.run.reference import run
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

MODEL = decoder(gpt2())
ZERO = Ablation("zero")
RESAMPLE = Ablation("resample", "other")


def _without(what: Node) -> Request:
    return Evaluation(Variant(Version.LIVE, (Override(what, EVERYWHERE, Version.ABLATED),)))


@pytest.mark.parametrize(
    ("request_", "ablation", "lengths", "code"),
    [
        (RepeatedTokens(head(0, 0), "previous", 17, 1), ZERO, (7, 7), "prompt-too-long"),
        (_without(head(0, 0)), RESAMPLE, (7, 7, 4), "no-donor"),
    ],
)
def test_what_cannot_be_answered_is_said_first(
    request_: Request, ablation: Ablation, lengths: tuple[int, ...], code: str
) -> None:
    (problem,) = feasible([request_], MODEL, dataset(lengths), ablation)
    assert problem.code == code
    with pytest.raises(ValueError, match=r"."):
        run([request_], MODEL, dataset(lengths), ablation=ablation, seed=0)


def test_more_tokens_than_the_vocabulary_has() -> None:
    roomy = decoder(gpt2(n_positions=1024))
    ask = RepeatedTokens(head(0, 0), "previous", 400, 1)
    (problem,) = feasible([ask], roomy, dataset(), ZERO)
    assert problem.code == "not-enough-tokens"


def test_nothing_to_say() -> None:
    requests = [_without(head(1, 2)), RepeatedTokens(head(0, 0), "previous", 16, 1)]
    assert feasible(requests, MODEL, dataset(), RESAMPLE) == ()

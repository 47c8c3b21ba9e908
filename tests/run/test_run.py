"""What `run` does around the numbers."""

from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import LOGITS, Edge, head, mlp
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.request import Attention, Evaluation, RepeatedTokens, Request
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.run.reference import run
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

EMPTY = Variant(Version.ABLATED)
REQUESTS: list[Request] = [
    Evaluation(MODEL),
    Evaluation(EMPTY),
    Evaluation(EMPTY, "accuracy"),
    Attention(head(0, 0), "A", "A"),
    RepeatedTokens(head(0, 0), "previous", 4, 2),
]
MEAN = Ablation("mean", "other")


def test_progress_ends_at_its_total() -> None:
    steps: list[tuple[int, int]] = []
    run(
        REQUESTS,
        decoder(gpt2()),
        dataset(),
        ablation=MEAN,
        seed=0,
        batch_size=2,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert [done for done, _ in steps] == list(range(1, steps[-1][1] + 1))


def test_every_request_is_answered_once() -> None:
    found = run([*REQUESTS, *REQUESTS], decoder(gpt2()), dataset(), ablation=MEAN, seed=0)
    assert list(found) == REQUESTS
    assert all(one.seconds > 0 for one in found.values())


def test_an_interruption_leaves_no_hook_behind() -> None:
    model = decoder(gpt2())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    handle = model.model.transformer.h[1].register_forward_pre_hook(interrupt)
    for request in REQUESTS[1:]:
        with pytest.raises(KeyboardInterrupt):
            run([request], model, dataset(), ablation=MEAN, seed=0)
    handle.remove()
    modules = list(model.model.modules())
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in modules)


@pytest.mark.parametrize(
    "what",
    [head(2, 0), mlp(7), LOGITS, Edge(head(0, 0), head(0, 1), "q"), Edge(head(0, 0), LOGITS, "q")],
    ids=str,
)
def test_what_the_model_does_not_have_is_refused(what: object) -> None:
    variant = Variant(Version.LIVE, (Override(what, EVERYWHERE, Version.ABLATED),))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="of this shape"):
        run([Evaluation(variant)], decoder(gpt2()), dataset(), ablation=MEAN, seed=0)


def test_no_corrupt_run_where_nothing_is_removed() -> None:
    absent = Ablation("mean", "absent")
    run([Evaluation(MODEL)], decoder(gpt2()), dataset(), ablation=absent, seed=0)

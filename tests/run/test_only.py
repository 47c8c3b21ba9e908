"""Some examples only, and each batch handed on as it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Attention, Evaluation, RepeatedTokens, Request
from circuitlang.plan.sample import halves
from circuitlang.plan.variant import MODEL, Variant, Version
from circuitlang.run import reference, sparse
from tests.model.tiny import decoder, gpt2
from tests.run.cases import ABLATIONS, dataset

EMPTY = Variant(Version.ABLATED)
OF_EXAMPLES: list[Request] = [
    Evaluation(MODEL),
    Evaluation(EMPTY),
    Evaluation(EMPTY, "kl", None, "report"),
    Attention(head(0, 0), "A", "A"),
]
PROBE = RepeatedTokens(head(1, 0), "previous", 4, 5)
Run = Callable[..., Observations]
RUNS = pytest.mark.parametrize("run", [reference.run, sparse.run], ids=["reference", "sparse"])


@RUNS
@pytest.mark.parametrize("ablation", ABLATIONS, ids=str)
def test_some_examples_have_the_numbers_that_they_have_among_all(
    run: Run, ablation: Ablation
) -> None:
    model, data = decoder(gpt2()), dataset()
    arguments = {"ablation": ablation, "seed": 3, "batch_size": 2}
    whole = run(OF_EXAMPLES, model, data, **arguments)
    some = run(OF_EXAMPLES, model, data, only=[4, 1, 2], **arguments)
    for request in OF_EXAMPLES:
        half = isinstance(request, Evaluation) and request.half is not None
        own = halves(data.templates)[1] if half else tuple(range(len(data)))
        at = [place for place, index in enumerate(own) if index in (1, 2, 4)]
        assert some[request].values == pytest.approx(
            [whole[request].values[i] for i in at], abs=1e-9
        )
        assert some[request].clusters == tuple(whole[request].clusters[i] for i in at)


@RUNS
def test_some_sequences(run: Run) -> None:
    model = decoder(gpt2())
    whole = run([PROBE], model, dataset(), ablation=Ablation("zero"), seed=3)[PROBE]
    some = run([PROBE], model, dataset(), ablation=Ablation("zero"), seed=3, only=[1, 3])[PROBE]
    assert some.values == pytest.approx([whole.values[1], whole.values[3]], abs=1e-9)
    assert some.clusters == ("sequence 1", "sequence 3")


@RUNS
def test_every_number_is_handed_on_batch_by_batch(run: Run) -> None:
    kept: dict[Request, dict[int, float]] = {}
    sizes = []

    def keep(found: Mapping[Request, Sequence[float]], indices: Sequence[int]) -> None:
        sizes.append(len(indices))
        for request, values in found.items():
            kept.setdefault(request, {}).update(zip(indices, values, strict=True))

    requests = [*OF_EXAMPLES[:2], OF_EXAMPLES[3], PROBE]
    found = run(
        requests,
        decoder(gpt2()),
        dataset(),
        ablation=Ablation("mean", "other"),
        seed=3,
        batch_size=2,
        keep=keep,
    )
    assert max(sizes) == 2
    for request in requests:
        answer = kept[request]
        assert tuple(answer[i] for i in sorted(answer)) == found[request].values

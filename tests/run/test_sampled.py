"""An evaluation of some examples gives the numbers that one of all examples has there."""

from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.circuit.positions import Positions
from circuitlang.plan.request import Attention, Evaluation, Half
from circuitlang.plan.sample import sample_of
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.run import reference, sparse
from tests.model.tiny import decoder, gpt2
from tests.run.cases import ABLATIONS, dataset

LENGTHS = (7, 7, 4, 4, 7, 7, 4, 7, 7)
CUT = Variant(Version.LIVE, (Override(head(0, 0), Positions.of(["A", "END"]), Version.ABLATED),))
SAMPLES: list[tuple[int | None, Half | None]] = [
    (1, None),
    (5, None),
    (100, None),
    (None, "search"),
    (None, "report"),
    (2, "report"),
]


@pytest.mark.parametrize("executor", [reference, sparse], ids=["reference", "sparse"])
@pytest.mark.parametrize("ablation", ABLATIONS, ids=str)
def test_part_of_the_examples_has_the_numbers_of_all(executor: object, ablation: Ablation) -> None:
    model, data = decoder(gpt2()), dataset(LENGTHS)
    whole = [Evaluation(CUT), Evaluation(CUT, "kl"), Evaluation(MODEL)]
    some = [one._replace(examples=n, half=half) for one in whole for n, half in SAMPLES]
    attention = Attention(head(0, 0), "END", "A")
    run = executor.run  # type: ignore[attr-defined]
    found = run([*some, attention, *whole], model, data, ablation=ablation, seed=3, batch_size=2)
    for one in some:
        chosen = sample_of(one).indices(data.templates)
        all_of_it = found[one._replace(examples=None, half=None)]
        assert found[one].values == pytest.approx([all_of_it.values[i] for i in chosen], abs=1e-12)
        assert found[one].clusters == tuple(data.templates[i] for i in chosen)
    assert len(found[attention]) == len(data)

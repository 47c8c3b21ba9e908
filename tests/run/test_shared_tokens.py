"""Two position names on one token: overrides apply token by token, the later one winning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.run import reference, sparse
from tests.model.tiny import decoder, gpt2
from tests.run.cases import dataset

A, B = Positions.of("A"), Positions.of("B")
LIVE, ABLATED = Version.LIVE, Version.ABLATED


@pytest.mark.parametrize("run", [reference.run, sparse.run])
@pytest.mark.parametrize("what", [INPUT, Edge(INPUT, LOGITS)], ids=str)
def test_live_at_one_name_and_then_ablated_at_the_other(run: object, what: Node | Edge) -> None:
    """Token 0 bears A alone, token 2 both A and B, token 3 B alone."""
    data = dataset((5,))
    named = {"A": (0, 2), "B": (2, 3), "both": (2,), "only A": (0,)}
    data = replace(data, examples=(replace(data.examples[0], positions=named),))

    def value(*overrides: tuple[Positions, Version]) -> float:
        variant = Variant(ABLATED, tuple(Override(what, at, to) for at, to in overrides))
        ask = Evaluation(variant, "kl")
        found = run([ask], decoder(gpt2()), data, ablation=Ablation("zero"), seed=0)  # type: ignore[operator]
        return float(found[ask].values[0])

    only_a = value((Positions.of(["only A"]), LIVE))
    assert value((A, LIVE), (B, ABLATED)) == pytest.approx(only_a, abs=1e-12)
    assert value((B, ABLATED), (A, LIVE)) == pytest.approx(value((A, LIVE)), abs=1e-12)
    everywhere = value((EVERYWHERE, LIVE), (Positions.of(["both"]), ABLATED))
    assert value((EVERYWHERE, LIVE), (A, ABLATED), (Positions.of(["only A"]), LIVE)) == (
        pytest.approx(everywhere, abs=1e-12)
    )

"""The operations that a plan claims are those that torch counts."""

from __future__ import annotations

import pytest
from torch.utils.flop_counter import FlopCounterMode

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.model.family import Config
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Override, Variant, Version
from circuitlang.plan.work import work_of
from circuitlang.run import sparse
from circuitlang.run.ablated import constants_of, make_ablator
from circuitlang.run.batch import make_batches
from circuitlang.run.compile import make_program
from circuitlang.run.packed import run_program
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import dataset

END, LIVE = Positions.of(["END"]), Version.LIVE
KEPT = [(INPUT, EVERYWHERE), (mlp(0), EVERYWHERE), (head(0, 1), END), (head(1, 2), END)]
VARIANTS = {
    "model": MODEL,
    "nodes": Variant(Version.ABLATED, tuple(Override(node, at, LIVE) for node, at in KEPT)),
    "edges": Variant(
        Version.ABLATED,
        (
            Override(Edge(INPUT, head(0, 1), "v"), EVERYWHERE, LIVE),
            Override(Edge(head(0, 1), mlp(0)), EVERYWHERE, LIVE),
            Override(Edge(head(0, 1), LOGITS), END, LIVE),
            Override(Edge(mlp(0), LOGITS), END, LIVE),
        ),
    ),
}
BIG_GPT2 = gpt2(n_embd=96, n_head=4, n_inner=384)
BIG_LLAMA = llama(hidden_size=96, head_dim=24, intermediate_size=384)


@pytest.mark.parametrize("config", [BIG_GPT2, BIG_LLAMA], ids=["gpt2", "llama"])
@pytest.mark.parametrize("name", VARIANTS)
def test_operations(config: Config, name: str) -> None:
    model, data = decoder(config), dataset((7, 7, 7))
    ablation = Ablation("mean", "other", "prompt")
    plan = sparse.plan_dataset([Evaluation(VARIANTS[name])], model, data)
    (batch,) = make_batches(data, model)
    ablated = make_ablator(ablation, model, data, seed=0)(batch)
    groups = constants_of(ablation, batch)
    read = (batch.row_examples.tolist(), batch.row_positions.tolist())
    program = make_program(plan, batch.indices, read, groups, model.device)
    with FlopCounterMode(display=False) as counted:
        run_program(model, program, batch.tokens, ablated)
    # Masked keys are multiplied too, corrections are sums and no products: a few percent.
    assert counted.get_total_flops() == pytest.approx(work_of(plan, 7).flops, rel=0.05)

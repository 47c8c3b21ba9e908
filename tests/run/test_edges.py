from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, head, mlp
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import Config
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import Override, Variant, Version
from circuitlang.run.reference import run
from circuitlang.run.values import record
from circuitlang.task.dataset import Example
from tests.model.tiny import decoder, llama
from tests.run import oracle
from tests.run.cases import configs, dataset, edge_overrides, node_overrides


def _counterfactual(model: Decoder, example: Example) -> dict[Node, Tensor]:
    tokens = torch.tensor([example.corrupt["other"]])
    values = record(model, tokens, torch.tensor([tokens.shape[1]]))
    sent = {INPUT: values.embedding[0]}
    for layer in range(model.shape.n_layers):
        sent[mlp(layer)] = values.mlps[layer][0]
        written = model.write(layer, values.heads[layer])[0]
        sent |= {head(layer, i): written[:, i] for i in range(model.shape.n_heads)}
    return sent


@settings(max_examples=40, deadline=None)
@given(st.data(), configs(), st.sampled_from(Version))
def test_each_port_reads_its_own_sum(data: st.DataObject, config: Config, default: Version) -> None:
    model, examples = decoder(config), dataset((5, 3))
    nodes = data.draw(node_overrides(model.shape, 3))
    variant = Variant(default, (*nodes, *data.draw(edge_overrides(model.shape))))
    ask = Evaluation(variant)
    ablation = Ablation("counterfactual", "other")
    found = run([ask], model, examples, ablation=ablation, seed=0)[ask].values
    for example, value in zip(examples.examples, found, strict=True):
        logits = oracle.logits(model, example, variant, _counterfactual(model, example))
        differences = [
            logits[t.position, t.answer[0]] - logits[t.position, t.against[0]]
            for t in example.targets
        ]
        assert abs(value - float(sum(differences)) / len(differences)) < 1e-8


def _changed_by(model: Decoder, edge: Edge, heads: list[Node]) -> float:
    """The largest change of the metric when ``edge`` is ablated and only ``heads`` and the input
    reach the logits."""
    kept = [Override(INPUT, EVERYWHERE, Version.LIVE)]
    kept += [Override(Edge(node, LOGITS), EVERYWHERE, Version.LIVE) for node in heads]
    whole = Evaluation(Variant(Version.ABLATED, tuple(kept)))
    cut = Override(edge, EVERYWHERE, Version.ABLATED)
    less = Evaluation(Variant(Version.ABLATED, (*kept, cut)))
    found = run([whole, less], model, dataset(), ablation=Ablation("zero"), seed=0)
    pairs = zip(found[whole].values, found[less].values, strict=True)
    return max(abs(a - b) for a, b in pairs)


def test_queries_that_share_keys_have_ports_of_their_own() -> None:
    """Heads 0 and 1 read one set of keys and values; ablating an edge into head 0's leaves head 1
    as it was."""
    model = decoder(llama(num_attention_heads=4, num_key_value_heads=2))
    for port in ("k", "v"):
        edge = Edge(INPUT, head(0, 0), port)
        assert _changed_by(model, edge, [head(0, 1)]) < 1e-12
        assert _changed_by(model, edge, [head(0, 0)]) > 1e-3

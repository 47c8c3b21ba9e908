"""A graph file as EAP-IG writes it, of a model with one layer of two heads."""

from __future__ import annotations

FOREIGN = (
    '{"cfg": {"n_layers": 1, "n_heads": 2, "parallel_attn_mlp": false, "d_model": 3}, '
    '"nodes": {"input": {"in_graph": true, "score": 0.5}, '
    '"a0.h0": {"in_graph": true, "score": -0.25, "neurons": [true, false, true], '
    '"neurons_scores": [0.1, NaN, -2e-05]}, '
    '"a0.h1": {"in_graph": false, "score": 0.0}, '
    '"m0": {"in_graph": true, "score": NaN}, '
    '"logits": {"in_graph": true}}, '
    '"edges": {"input->a0.h0<q>": {"score": 1.5, "in_graph": true}, '
    '"input->a0.h0<k>": {"score": -0.000296, "in_graph": false}, '
    '"input->a0.h0<v>": {"score": 3.0, "in_graph": true}, '
    '"input->a0.h1<q>": {"score": 0.0, "in_graph": false}, '
    '"input->a0.h1<k>": {"score": 0.0, "in_graph": false}, '
    '"input->a0.h1<v>": {"score": NaN, "in_graph": false}, '
    '"input->m0": {"score": 0.125, "in_graph": false}, '
    '"a0.h0->m0": {"score": 2.0, "in_graph": true}, '
    '"a0.h1->m0": {"score": 0.0, "in_graph": false}, '
    '"input->logits": {"score": 0.0, "in_graph": false}, '
    '"a0.h0->logits": {"score": 0.0, "in_graph": false}, '
    '"a0.h1->logits": {"score": 0.0, "in_graph": false}, '
    '"m0->logits": {"score": 7.0, "in_graph": true}}}'
)
# The same layout until February 2025: nodes are flags, and neurons stand beside them.
BARE = (
    '{"cfg": {"n_layers": 1, "n_heads": 1, "parallel_attn_mlp": false}, '
    '"nodes": {"input": true, "a0.h0": false, "m0": true, "logits": true}, '
    '"edges": {"input->a0.h0<q>": {"score": 1.5, "in_graph": false}, '
    '"input->m0": {"score": null, "in_graph": true}, '
    '"m0->logits": {"score": 0.5, "in_graph": true}}, '
    '"neurons": {"m0": [true, false]}, "neuron_scores": {"m0": [0.25, -1.0]}}'
)

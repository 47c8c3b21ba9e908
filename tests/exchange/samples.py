"""A small sound file of each format that is read, written here in the layout of its program."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.exchange.graphs import BARE, FOREIGN


def feature(key: str, layer: int, kind: str = "cross layer transcoder") -> dict[str, object]:
    return {
        "node_id": key,
        "feature": 1,
        "layer": str(layer),
        "ctx_idx": 2,
        "feature_type": kind,
        "jsNodeId": f"{key}-0",
        "clerp": "",
    }


NEURONPEDIA = {
    "metadata": {
        "slug": "dallas-austin",
        "scan": "gemma-2-2b",
        "prompt_tokens": ["Fact", ":"],
        "prompt": 'Fact: the capital of the state "containing" Dallas is',
    },
    "qParams": {
        "pinnedIds": [],
        "supernodes": [["Texas", "7_11_2", "9_12_2"], ["say Austin", "20_13_2", "9_14_2"]],
        "linkType": "both",
        "clickedId": "",
        "sg_pos": "",
    },
    "nodes": [
        {**feature("E_5_1", 0, "embedding"), "layer": "E"},
        feature("7_11_2", 7),
        feature("9_12_2", 9),
        feature("9_14_2", 9),
        feature("20_13_2", 20),
        feature("21_15_2", 21),
        feature("0_7_2", 7, "mlp reconstruction error"),
        feature("27_99_2", 27, "logit"),
    ],
    "links": [
        {"source": "E_5_1", "target": "7_11_2", "weight": 1.5},
        {"source": "7_11_2", "target": "20_13_2", "weight": 0.5},
        {"source": "9_12_2", "target": "20_13_2", "weight": -0.5},
        {"source": "20_13_2", "target": "27_99_2", "weight": 3},
        {"source": "0_7_2", "target": "20_13_2", "weight": 0.1},
        {"source": "21_15_2", "target": "27_99_2", "weight": 0.1},
    ],
}
MECHVAL = {
    "task_id": "ioi",
    "model_family": "gpt2",
    "linguistic_claim": "GPT-2 finds the indirect object.",
    "paper_ref": "arXiv:2211.00593",
    "steps": [
        {
            "name": "S-inhibition",
            "category": "inhibition",
            "position": "destination",
            "maps_to_heads": [[7, 3], [8, 6]],
            "maps_to_mlps": [],
        },
        {"name": "movers", "maps_to_heads": [[9, 9]], "maps_to_mlps": [10], "position": None},
        {"name": "words", "maps_to_neurons": [[3, 17]], "maps_to_features": [[3, "sae", 5]]},
    ],
    "edges": [
        {"source": "S-inhibition", "target": "movers", "mechanism": "residual_stream"},
        {"source": "movers", "target": "output", "mechanism": "residual_stream"},
        {"source": "movers", "target": "S-inhibition", "mechanism": "residual_stream"},
        {
            "source": "S-inhibition",
            "target": "movers",
            "mechanism": "attention_composition",
            "source_component": [8, 6],
            "target_component": [9, 9],
        },
    ],
    "predictions": [{"name": "p", "expected_threshold": 0.2}],
    "negative_controls": [],
    "rival_specs": [],
}
AUTOMECHINTERP = (
    {
        "hypothesis_id": "h_ioi_v0_001",
        "task_id": "ioi_v0",
        "claim_text": "Heads raise the logit difference.",
        "candidate_components": [
            {"component_type": "head", "layer": 9, "head": 6},
            {"component_type": "mlp", "layer": 0},
            {"component_type": "sae_feature", "layer": 3, "feature": 8},
        ],
        "predicted_min_effect": 0.05,
    },
    {
        "hypothesis_id": "h_ioi_v0_002",
        "task_id": "ioi_v0",
        "claim_text": "Heads raise the logit difference.",
        "candidate_components": [
            {"component_type": "head", "layer": 9, "head": 6},
            {"component_type": "head", "layer": 10, "head": 0},
        ],
    },
)
ACDC = [
    ["blocks.1.hook_resid_post", [None], "blocks.1.hook_mlp_out", [None]],
    ["blocks.1.hook_mlp_in", [None], "blocks.0.attn.hook_result", [None, None, 3]],
    ["blocks.0.hook_q_input", [None, None, 3], "blocks.0.hook_resid_pre", [None]],
]
ACDC_GRAPH = {
    "original": [
        {"from": "mlp.10", "to": "resid_post"},
        {"from": "head.7.10", "to": "mlp.10"},
        {"from": "mlp.0", "to": "head.7.10.v"},
    ],
    "extra": [
        {"from": "blocks.0.hook_resid_pre", "to": "head.7.10.q"},
        {"from": "blocks.0.hook_resid_pre", "to": "mlp.0"},
        {"from": "blocks.7.attn.hook_q", "to": "blocks.7.attn.hook_result", "head_num": 10},
        {"from": "blocks.0.hook_mlp_in", "to": "blocks.0.hook_mlp_out"},
    ],
}
SAMPLES: Mapping[str, bytes] = {
    "eap-ig": FOREIGN.encode(),
    "mib": FOREIGN.encode(),
    "edge-pruning": json.dumps([["tok_embeds", "a0.h0.q"], ["a0.h0", "resid_post"]]).encode(),
    "acdc": json.dumps(ACDC).encode(),
    "neuronpedia": json.dumps(NEURONPEDIA).encode(),
    "mechval": json.dumps(MECHVAL).encode(),
    "automechinterp": "\n".join(map(json.dumps, AUTOMECHINTERP)).encode(),
}
# Further layouts that a format's reader takes.
LAYOUTS: tuple[tuple[str, bytes], ...] = (
    *SAMPLES.items(),
    ("acdc", json.dumps(ACDC_GRAPH).encode()),
    ("eap-ig", BARE.encode()),
)

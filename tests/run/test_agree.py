"""Two ways to run a variant: transformers' modules under hooks, and the decoder taken apart."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation
from circuitlang.model.family import Config
from circuitlang.plan.variant import Variant, Version
from circuitlang.run.reference import run
from tests.model.tiny import decoder
from tests.run.cases import (
    ABLATIONS,
    by_edges,
    configs,
    dataset,
    node_overrides,
    node_variants,
    readings,
)


@settings(max_examples=60, deadline=None)
@given(st.data(), configs(), st.sampled_from(ABLATIONS), st.sampled_from(Version))
def test_nodes_equal_all_their_edges(
    data: st.DataObject, config: Config, ablation: Ablation, default: Version
) -> None:
    model, examples = decoder(config), dataset()
    nested = node_variants(model.shape)
    by_nodes = Variant(default, tuple(data.draw(node_overrides(model.shape, nested=nested))))
    lowered = by_edges(by_nodes, model.shape)
    hooked, apart = readings(by_nodes), readings(lowered)
    found = run([*hooked, *apart], model, examples, ablation=ablation, seed=3)
    for one, other in zip(hooked, apart, strict=True):
        pairs = zip(found[one].values, found[other].values, strict=True)
        assert all(abs(a - b) <= 1e-9 * max(1, abs(a)) for a, b in pairs)

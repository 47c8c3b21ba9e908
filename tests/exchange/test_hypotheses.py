"""Formats with roles: attribution graphs, and specs of mechval and AutoMechInterp."""

from __future__ import annotations

import json
import time
from typing import Any

from circuitlang.exchange.format import Imported
from circuitlang.exchange.formats import read
from tests.exchange.circuits import roles_of
from tests.exchange.samples import AUTOMECHINTERP, MECHVAL, NEURONPEDIA, SAMPLES

SUPERNODES = [["Texas", "7_11_2", "9_12_2"], ["say Austin", "20_13_2", "9_14_2"]]
QUERY = {"supernodes": SUPERNODES, "pinnedIds": []}


def imported(name: str, data: Any = None) -> Imported:
    content = SAMPLES[name] if data is None else json.dumps(data).encode()
    result, found = read(content, name)
    assert result is not None, found
    return result


def dropped(found: Imported) -> dict[str, int]:
    return {one.what: one.number for one in found.report.dropped}


def test_supernodes_become_roles() -> None:
    found = imported("neuronpedia")
    assert found.text == (
        'edition 1\n\ncircuit dallas_austin {\n  doc "Attribution graph of gemma-2-2b: Fact: the '
        'capital of the state \\"containing\\" Dallas is"\n\n'
        "  role texas at any attending any {\n    mlp m7\n    mlp m9\n  }\n\n"
        "  role say_austin at any attending any {\n    mlp m20\n  }\n\n"
        "  edge input -> m7\n  edge m7 -> m20\n  edge m9 -> m20\n  edge m20 -> logits\n}\n"
    )


def test_what_is_no_component_is_counted() -> None:
    assert dropped(imported("neuronpedia")) == {
        "features' identities": 4,
        "features outside the roles": 1,
        "tokens": 2,
        "error nodes": 1,
        "token positions": 8,
        "links": 2,
        "links' weights": 4,
        "second roles of an MLP": 1,
        "other fields": 2,
    }


def test_links_that_become_one_edge_are_counted() -> None:
    links = NEURONPEDIA["links"]
    assert isinstance(links, list)
    twin = {"source": "9_14_2", "target": "20_13_2", "weight": 1.0}
    found = imported("neuronpedia", {**NEURONPEDIA, "links": [*links, twin]})
    assert found.report.kept["edges"] == 4
    lost = dropped(found)
    assert (lost["links"], lost["links beside another"], lost["links' weights"]) == (2, 1, 5)


def test_what_is_pinned_beside_the_supernodes_is_a_role() -> None:
    pinned = ["7_11_2", "21_15_2", "E_5_1", "27_99_2"]
    query = {**QUERY, "pinnedIds": pinned}
    found = imported("neuronpedia", {**NEURONPEDIA, "qParams": query})
    assert roles_of(found) == {"texas": ["m7", "m9"], "say_austin": ["m20"], "pinned": ["m21"]}
    assert "edge m21 -> logits" in found.text


def test_pinned_tokens_alone_are_no_role() -> None:
    query = {**QUERY, "pinnedIds": ["E_5_1"]}
    found = imported("neuronpedia", {**NEURONPEDIA, "qParams": query})
    assert list(roles_of(found)) == ["texas", "say_austin"]
    assert "supernodes without features" not in dropped(found)


def test_a_supernode_of_logits_is_no_role_and_counted() -> None:
    groups = [*SUPERNODES, ["Austin or Dallas", "27_99_2"]]
    found = imported("neuronpedia", {**NEURONPEDIA, "qParams": {**QUERY, "supernodes": groups}})
    assert list(roles_of(found)) == ["texas", "say_austin"]
    assert dropped(found)["supernodes without features"] == 1


def test_a_new_name_of_a_supernode_is_said() -> None:
    assumed = imported("neuronpedia").report.assumed
    assert "the supernode `say Austin` is written `say_austin`" in assumed


def test_a_supernode_whose_mlps_have_roles_is_counted() -> None:
    groups = [*SUPERNODES, ["capitals", "9_12_2", "9_14_2"]]
    found = imported("neuronpedia", {**NEURONPEDIA, "qParams": {**QUERY, "supernodes": groups}})
    assert list(roles_of(found)) == ["texas", "say_austin"]
    assert dropped(found)["supernodes"] == 1


def test_without_supernodes_the_pinned_features_are_a_role() -> None:
    pinned = {**NEURONPEDIA, "qParams": {"pinnedIds": ["7_11_2", "gone"], "supernodes": []}}
    found = imported("neuronpedia", pinned)
    assert roles_of(found) == {"pinned": ["m7"]}
    assert dropped(found)["ids in supernodes or pins"] == 1


def test_without_any_choice_every_feature_is_a_member() -> None:
    found = imported("neuronpedia", {**NEURONPEDIA, "qParams": {}})
    assert roles_of(found) == {"members": ["m7", "m9", "m20", "m21"]}


def test_an_error_node_with_the_id_of_a_feature_is_counted() -> None:
    nodes = NEURONPEDIA["nodes"]
    assert isinstance(nodes, list)
    twin = {**nodes[6], "node_id": "7_11_2"}
    found = imported("neuronpedia", {**NEURONPEDIA, "nodes": [*nodes, twin]})
    assert dropped(found)["nodes whose id stood before"] == 1


def test_a_link_to_nowhere_is_refused() -> None:
    links = [{"source": "7_11_2", "target": "none", "weight": 1}]
    content = json.dumps({**NEURONPEDIA, "links": links}).encode()
    result, (found,) = read(content, "neuronpedia")
    assert result is None
    assert "`$.links[0].target`" in found.message


def test_steps_become_roles_and_their_edges_statements() -> None:
    found = imported("mechval")
    assert roles_of(found) == {"s_inhibition": ["a7.h3", "a8.h6"], "movers": ["a9.h9", "m10"]}
    assert 'cite "arXiv:2211.00593"' in found.text
    assert "  edge s_inhibition -> movers\n  edge movers -> logits\n  edge a8.h6 -> a9.h9\n" in (
        found.text
    )


def test_what_a_spec_of_mechval_cannot_bring_is_counted() -> None:
    assert dropped(imported("mechval")) == {
        "steps without heads and MLPs": 1,
        "neurons and features": 2,
        "edges": 1,
        "positions such as `source`": 1,
        "predictions, controls and rivals": 1,
        "other fields": 6,
    }


def test_fields_that_are_not_read_are_named() -> None:
    (found,) = [one for one in imported("mechval").report.dropped if one.what == "other fields"]
    assert found.why == "a `.circuit` has no place for `model_family`, `category`, `mechanism`"


def test_edges_that_say_the_same_are_counted() -> None:
    twin = {"source": "S-inhibition", "target": "movers", "mechanism": "attention_composition"}
    edges = MECHVAL["edges"]
    assert isinstance(edges, list)
    found = imported("mechval", {**MECHVAL, "edges": [*edges, twin]})
    assert dropped(found)["repeated edges"] == 1
    assert found.report.kept["edge statements"] == 3


def test_a_spec_without_edges_at_the_ends_says_so() -> None:
    edges = [{"source": "S-inhibition", "target": "movers", "mechanism": "residual_stream"}]
    assumed = imported("mechval", {**MECHVAL, "edges": edges}).report.assumed
    assert "no edge names input or logits: those are for you to write" in assumed
    assert "no edge names input: those are for you to write" in imported("mechval").report.assumed


def test_prose_that_is_cut_is_counted() -> None:
    long = imported("mechval", {**MECHVAL, "linguistic_claim": "x" * 401})
    assert dropped(long)["characters of prose"] == 2
    assert "x" * 399 + "…" in long.text
    whole = imported("mechval", {**MECHVAL, "linguistic_claim": "x" * 400})
    assert "characters of prose" not in dropped(whole)


def test_a_head_that_is_no_pair_is_refused_with_its_path() -> None:
    steps = [{"name": "x", "maps_to_heads": [[7, 3], [8]]}]
    result, (found,) = read(json.dumps({**MECHVAL, "steps": steps}).encode(), "mechval")
    assert result is None
    assert "`$.steps[0].maps_to_heads[1]` is a list of 1" in found.message


def test_hypotheses_become_roles() -> None:
    found = imported("automechinterp")
    assert roles_of(found) == {"h_ioi_v0_001": ["m0", "a9.h6"], "h_ioi_v0_002": ["a10.h0"]}
    assert "edge" not in found.text
    assert dropped(found) == {
        "components of type `sae_feature`": 1,
        "second roles of a member": 1,
        "predicted effects": 1,
    }


def test_an_edge_of_automechinterp_is_none() -> None:
    edge = {"component_type": "edge", "source_layer": 2, "source_head": 1, "target_layer": 5}
    line = {**AUTOMECHINTERP[0], "candidate_components": [edge], "model_id": "gpt2-small"}
    result, (warning,) = read(json.dumps(line).encode(), "automechinterp")
    assert result is not None
    assert warning.code == "empty-import"
    assert result.report.dropped[0].why == "it ablates the source head and is no edge of a graph"
    assert result.report.dropped[-1].why == "a `.circuit` has no place for `model_id`"


def test_many_hypotheses_of_one_name_take_no_longer_each() -> None:
    heads = [
        {
            **AUTOMECHINTERP[0],
            "candidate_components": [{"component_type": "head", "layer": 1, "head": i}],
        }
        for i in range(20_000)
    ]
    content = "\n".join(map(json.dumps, heads)).encode()
    start = time.process_time()
    result, (found,) = read(content, "automechinterp")
    assert time.process_time() - start < 10
    assert result is None
    assert found.code == "import-too-large"


def test_the_line_of_a_bad_hypothesis_is_said() -> None:
    lines = [json.dumps(AUTOMECHINTERP[0]), '{"hypothesis_id": 3}']
    result, (found,) = read("\n".join(lines).encode(), "automechinterp")
    assert result is None
    assert "line 2: $.hypothesis_id" in found.message

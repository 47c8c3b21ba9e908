from __future__ import annotations

import json
from dataclasses import replace

import pytest

from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.exchange.edge_pruning import read
from circuitlang.exchange.format import Imported
from circuitlang.exchange.formats import export
from tests.check.specs import load
from tests.exchange.circuits import edges_of


def imported(*pairs: list[str]) -> Imported:
    result, found = read(json.dumps(pairs).encode())
    assert result is not None, found
    return result


def test_the_layout_is_a_list_of_writer_and_reader() -> None:
    circuit = load("gpt2/ioi.circuit")
    exported, _ = export(circuit, "edge-pruning")
    assert exported is not None
    from_input = sum(edge.source == INPUT for edge in circuit.edges)
    pairs = json.loads(exported.text)
    first = [["tok_embeds", f"a0.h{head}.{port}"] for port in "qkv" for head in (1, 10)]
    assert pairs[: len(first)] == first
    assert pairs[len(first)] == ["pos_embeds", "a0.h1.q"]
    assert ["a8.h6", "a9.h9.q"] in pairs
    assert ["a9.h9", "resid_post"] in pairs
    assert pairs[-1] == ["m11", "resid_post"]
    assert len(pairs) == len({tuple(pair) for pair in pairs}) == 963 + from_input


def test_shared_keys_and_values_are_one_reader() -> None:
    circuit = load("ioi_smollm2.circuit")
    exported, _ = export(circuit, "edge-pruning")
    assert exported is not None
    pairs = {tuple(pair) for pair in json.loads(exported.text)}
    assert circuit.shape is not None
    keys = {name for _, name in pairs if name.endswith((".k", ".v"))}
    heads = {int(name.split(".h")[1].split(".")[0]) for name in keys}
    assert heads <= set(range(circuit.shape.n_kv_heads))
    assert any("share" in one.what for one in exported.report.dropped)


def test_a_shared_reader_feeds_the_other_heads_of_its_group() -> None:
    circuit = load("ioi_smollm2.circuit")
    # Heads 4 and 5 of layer 24 share their keys, and read the same in the file.
    of_four = [edge for edge in circuit.edges if edge.reader == (head(24, 4), "k")]
    kept = {e: at for e, at in circuit.edges.items() if e.reader != (head(24, 5), "k")}
    exported, _ = export(replace(circuit, edges=kept), "edge-pruning")
    assert exported is not None
    assert exported.report.assumed == (
        f"{len(of_four)} edges are kept beside them, to heads that share a kept reader",
    )


def test_both_embeddings_are_the_input() -> None:
    found = imported(["tok_embeds", "m0"], ["pos_embeds", "m0"], ["m0", "resid_post"])
    assert edges_of(found) == {Edge(INPUT, mlp(0)), Edge(mlp(0), LOGITS)}
    assert found.report.lossless


def test_without_embedding_writers_the_input_reaches_every_part() -> None:
    found = imported(["a0.h1", "a2.h3.k"], ["a2.h3", "resid_post"])
    ports = {Edge(INPUT, node, port) for node in (head(0, 1), head(2, 3)) for port in node.ports}
    assert edges_of(found) >= ports | {Edge(INPUT, LOGITS), Edge(head(0, 1), head(2, 3), "k")}
    assert any("embeddings reach every part" in sentence for sentence in found.report.assumed)


def test_what_is_merged_or_repeated_is_said() -> None:
    found = imported(["tok_embeds", "m0"], ["m0", "resid_post"], ["m0", "resid_post"])
    assert [(one.number, one.what) for one in found.report.dropped] == [(1, "repeated edges")]
    assert any("in 1 edges `tok_embeds` alone" in line for line in found.report.assumed)


def test_an_edge_from_one_of_the_embeddings_is_said() -> None:
    both = [["tok_embeds", "m0"], ["pos_embeds", "m0"]]
    found = imported(*both, ["tok_embeds", "m1"], ["pos_embeds", "m2"], ["pos_embeds", "m3"])
    assert edges_of(found) == {Edge(INPUT, mlp(layer)) for layer in range(4)}
    assert found.report.assumed[2:4] == (
        "in 1 edges `tok_embeds` alone stands for `input`, which is both embeddings",
        "in 2 edges `pos_embeds` alone stands for `input`, which is both embeddings",
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"edges": []}', "`$` is an object"),
        ('[["m0"]]', "`$[0]` is a list of 1"),
        ('[["m0", "resid_post"], ["m0", 7]]', "`$[1][1]` is 7"),
        ('[["resid_post", "m0"]]', "`$[0][0]`"),
        ('[["input", "m0"]]', "`$[0][0]`"),
        ('[["m0", "a1.h0"]]', "`$[0][1]`"),
        ('[["m0", "a1.h0.o"]]', "`$[0][1]`"),
        ('[["m1", "m0"]]', "against the order of layers"),
        ('[["a0.h0", "a0.h1.q"]]', "against the order of layers"),
        ('[["m0", "resid_post",]]', "line 1, column 22"),
        ('[["m0", NaN]]', "`NaN`"),
    ],
)
def test_a_bad_file_is_refused_with_the_path(text: str, path: str) -> None:
    result, (found,) = read(text.encode())
    assert result is None
    assert found.code == "bad-graph-file"
    assert path in found.message

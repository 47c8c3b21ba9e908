from __future__ import annotations

import io
import json
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from typing import Any

import pytest

from circuitlang.circuit.names import INPUT, LOGITS, Edge, head, mlp
from circuitlang.exchange.acdc import read
from circuitlang.exchange.format import Imported
from tests.exchange.circuits import edges_of

Saved = tuple[str, tuple[int | None, ...], str, tuple[int | None, ...]]

# The kinds of edges that ACDC saves for a head that reads the embedding and writes to an MLP.
SAVED: list[Saved] = [
    ("blocks.1.hook_resid_post", (None,), "blocks.1.hook_mlp_out", (None,)),
    ("blocks.1.hook_mlp_in", (None,), "blocks.0.attn.hook_result", (None, None, 3)),
    ("blocks.1.hook_mlp_out", (None,), "blocks.1.hook_mlp_in", (None,)),
    ("blocks.0.attn.hook_result", (None, None, 3), "blocks.0.attn.hook_q", (None, None, 3)),
    ("blocks.0.attn.hook_q", (None, None, 3), "blocks.0.hook_q_input", (None, None, 3)),
    ("blocks.0.hook_q_input", (None, None, 3), "blocks.0.hook_resid_pre", (None,)),
]
EDGES = {
    Edge(mlp(1), LOGITS),
    Edge(head(0, 3), mlp(1)),
    Edge(INPUT, head(0, 3), "q"),
}


def imported(content: bytes) -> Imported:
    result, found = read(content)
    assert result is not None, found
    return result


@pytest.fixture(params=["acdc.TLACDCEdge", "acdc.acdc_utils"])
def torch_index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """ACDC's class of indices, under its name, for pickles as ACDC writes and wrote them."""
    name = str(request.param)
    module = types.ModuleType(name)

    class TorchIndex:
        def __init__(self, parts: list[int | None]) -> None:
            self.as_index = tuple(slice(None) if part is None else part for part in parts)
            self.hashable_tuple = tuple(parts)

    TorchIndex.__module__, TorchIndex.__qualname__ = name, "TorchIndex"
    module.TorchIndex = TorchIndex  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "acdc", types.ModuleType("acdc"))
    monkeypatch.setitem(sys.modules, name, module)
    return TorchIndex


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_pickle_of_save_edges(torch_index: Any, protocol: int) -> None:
    edges = [((r, torch_index(list(i)), s, torch_index(list(j))), 0.25) for r, i, s, j in SAVED]
    content = pickle.dumps(edges, protocol)
    for name in ("acdc", torch_index.__module__):
        sys.modules.pop(name)
    found = imported(content)
    assert edges_of(found) == EDGES
    assert "acdc" not in sys.modules
    assert [(one.number, one.what) for one in found.report.dropped] == [
        (3, "edges inside a component"),
        (6, "effect sizes"),
    ]


def test_the_archive_of_save_subgraph() -> None:
    absent = ("blocks.1.hook_mlp_in", (None,), "blocks.0.hook_mlp_out", (None,))
    subgraph = OrderedDict([*((edge, True) for edge in SAVED), (absent, False)])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("subgraph/data.pkl", pickle.dumps(subgraph, 2))
        archive.writestr("subgraph/version", "3\n")
    found = imported(file.getvalue())
    assert edges_of(found) == EDGES
    assert (1, "edges marked False") in [(one.number, one.what) for one in found.report.dropped]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SAVED),
        json.dumps([[edge, True] for edge in SAVED]),
        "\n".join(f"{edge}: True" for edge in SAVED),
        "\n".join(f"({edge}, 0.031)," for edge in SAVED),
        "# by hand\n\n" + "\n".join(f"{r} [:, :, 3] {s} [:, :, 3]" for r, _, s, _ in SAVED),
    ],
)
def test_json_and_text(text: str) -> None:
    assert edges_of(imported(text.encode())) == EDGES


class Evil:
    """What an attack looks like: loading it calls a function."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (sys.exit, ("run",))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("payload", [Evil(), [Evil()], {"a": Evil()}, open, OrderedDict])
def test_a_pickle_that_does_more_is_refused_unrun(payload: Any, protocol: int) -> None:
    result, (found,) = read(pickle.dumps(payload, protocol))
    assert result is None
    assert found.code in ("unsafe-pickle", "bad-graph-file")
    if payload is not OrderedDict:
        assert found.code == "unsafe-pickle"


def test_a_bomb_of_references_is_refused_at_once() -> None:
    nest: Any = []
    for _ in range(60):
        nest = [nest, nest]
    result, (found,) = read(pickle.dumps(nest, 4))
    assert result is None
    assert found.code == "bad-graph-file"


def test_a_key_that_is_slow_to_hash_is_refused_at_once() -> None:
    doubled = b"".join(b"\x94h" + bytes([depth]) + b"\x86" for depth in range(60))
    result, (found,) = read(b"\x80\x04})" + doubled + b"Ns.")  # {((), ()), ...): None}
    assert result is None
    assert "damaged" in found.message


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_archive_is_refused_unpacked(method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x/data.pkl", b"\0" * (1 << 20))
    result, (found,) = read(file.getvalue())
    assert result is None
    assert "torch compresses nothing" in found.message


def test_two_embeddings_are_one_input() -> None:
    split = [("blocks.0.hook_mlp_in", [None], name, [None]) for name in _EMBEDDINGS]
    found = imported(json.dumps(split).encode())
    assert edges_of(found) == {Edge(INPUT, mlp(0))}
    assert [(one.number, one.what) for one in found.report.dropped] == [
        (1, "edges of a second embedding")
    ]


_EMBEDDINGS = ("hook_embed", "hook_pos_embed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[["blocks.0.hook_q_input", [null, 2, 3], "hook_embed", [null]]]', "`$[0][1]`"),
        ('[["blocks.0.hook_q_input", [null, null, -1], "hook_embed", [null]]]', "`$[0][1][2]`"),
        ('[["blocks.0.hook_z", [null], "hook_embed", [null]]]', "reads the stream"),
        ('[["blocks.0.hook_mlp_in", [null], "blocks.0.hook_resid_mid", [null]]]', "writes to"),
        ('[["blocks.0.hook_mlp_in", [null], "blocks.3.hook_mlp_out", [null]]]', "order of layers"),
        ("blocks.0.hook_mlp_in hook_embed", "line 1 is no edge"),
        ("__import__('os').system('true')", "reads the stream"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text: str, said: str) -> None:
    result, (found,) = read(text.encode())
    assert result is None
    assert said in found.message

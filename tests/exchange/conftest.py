from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.exchange import mib, mib_check, mib_file
from circuitlang.exchange.eap_graph import graph_edges
from circuitlang.exchange.mib import SHARES, most_edges
from tests.exchange.submissions import TINY, graph_text


@pytest.fixture
def submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tasks, two models, nothing wrong; the models are small ones under MIB's names."""
    counted = {
        name: model._replace(
            edges=sum(1 for _ in graph_edges(model.n_layers, model.n_heads, parallel=False))
        )
        for name, model in TINY.items()
    }
    monkeypatch.setattr(mib, "MODELS", counted)
    monkeypatch.setattr(mib_check, "MODELS", counted)
    monkeypatch.setattr(mib_file, "MODELS", counted)
    (tmp_path / "ioi_gpt2").mkdir()
    for share, most in zip(SHARES, most_edges("gpt2"), strict=True):
        text = graph_text("gpt2", marked=most)
        (tmp_path / f"ioi_gpt2/circuit_{mib.percent(share)}.json").write_text(text)
    (tmp_path / "mcqa_qwen2.5").mkdir()
    (tmp_path / "mcqa_qwen2.5/importances.json").write_text(graph_text("qwen2.5", score=0.5))
    return tmp_path

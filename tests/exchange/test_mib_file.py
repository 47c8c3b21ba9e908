from __future__ import annotations

import json
from pathlib import Path

from circuitlang.exchange import mib_file
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.mib import MODELS
from circuitlang.exchange.mib_check import validate
from circuitlang.syntax.diagnostic import Severity
from tests.exchange.submissions import RANKED, SMALL, change, graph_text, no_scores, problems
from tests.exchange.tensors import saved, tensors


def test_scores_that_only_nine_files_may_lack_are_a_warning(submission: Path) -> None:
    change(SMALL, no_scores)(submission)
    change(RANKED, no_scores)(submission)
    severities = {
        (Path(findings.source.name).name, one.severity)
        for findings in validate(submission)
        for one in findings.diagnostics
        if "without `score`" in one.message
    }
    assert severities == {
        ("circuit_0.1.json", Severity.WARNING),
        ("importances.json", Severity.ERROR),
    }


def test_archives_of_torch_are_checked_as_graphs(submission: Path) -> None:
    ranks = tensors(5, 2, 8)
    (submission / RANKED).unlink()
    (submission / "mcqa_qwen2.5/importances.pt").write_bytes(saved(ranks))
    assert problems(submission) == []
    (submission / SMALL).unlink()
    empty = saved(tensors(4, 4, 8, scored=False))
    (submission / "ioi_gpt2/circuit_0.1.pt").write_bytes(empty)
    ((where, code, message),) = problems(submission)
    assert (where, code) == ("ioi_gpt2/circuit_0.1.pt", "submission-file")
    assert "edges without `score`" in message


def test_marks_against_the_order_of_layers_count_as_mib_counts_them() -> None:
    data = tensors(1, 1, 8)
    data["edges_in_graph"][:] = True
    graph, _ = read_graph(saved(data))
    assert graph is not None
    assert mib_file.weighted(graph, "gpt2") == data["edges_in_graph"].numel() == 15


def test_an_old_file_of_torch_is_not_looked_into(submission: Path) -> None:
    (submission / RANKED).unlink()
    old = saved(tensors(5, 2, 8), _use_new_zipfile_serialization=False)
    (submission / "mcqa_qwen2.5/importances.pt").write_bytes(old)
    ((_, code, message),) = problems(submission)
    assert code == "submission-unchecked"
    assert "before torch 1.6" in message


def test_an_edge_counts_as_much_as_its_source_has_neurons() -> None:
    data = json.loads(graph_text("gpt2"))
    for name in ("m0->logits", "m1->logits", "a0.h0->logits"):
        data["edges"][name]["in_graph"] = True
    graph, _ = read_graph(json.dumps(data))
    assert graph is not None
    assert mib_file.weighted(graph, "gpt2") == 3
    width = MODELS["gpt2"].d_model
    quarter = [True] * (width // 4) + [False] * (width - width // 4)
    data["nodes"] = {"m0": {"in_graph": True, "neurons": quarter}, "m1": {"in_graph": True}}
    graph, _ = read_graph(json.dumps(data))
    assert graph is not None
    assert mib_file.weighted(graph, "gpt2") == 0.25

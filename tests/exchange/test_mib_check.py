from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from circuitlang.exchange.mib import FOLDERS, MODELS, SHARES
from circuitlang.exchange.mib_check import validate
from tests.exchange.submissions import RANKED, SMALL, change, no_scores, problems
from tests.exchange.tensors import saved, tensors


def test_a_sound_submission_has_no_finding(submission: Path) -> None:
    assert problems(submission) == []


def _everything(data: Any) -> None:
    for edge in data["edges"].values():
        edge["in_graph"] = True


def _bare(data: Any) -> None:
    data["nodes"] = {"m0": True}


def _narrow(data: Any) -> None:
    data["nodes"] = {"m0": {"in_graph": True, "neurons": [True] * 3}}


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
        "submission-file",
        "it is not an archive of torch",
    ),
    (
        lambda f: (f / SMALL).write_bytes(saved(tensors(4, 4, 8))),
        SMALL,
        "submission-file",
        "it is not a JSON text",
    ),
    (
        lambda f: (f / "ioi_gpt2/more/").mkdir(),
        "ioi_gpt2/more",
        "submission-layout",
        "MIB counts one that holds circuits",
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
    (change(SMALL, no_scores), SMALL, "submission-file", "edges without `score`: "),
    (change(SMALL, _bare), SMALL, "submission-file", "its nodes are bare flags"),
    (
        change(SMALL, _narrow),
        SMALL,
        "submission-file",
        '`$.nodes["m0"]` has 3 neurons; gpt2 has 8',
    ),
    (change(RANKED, no_scores), RANKED, "submission-file", "edges without `score`: "),
    (change(RANKED, _flat), RANKED, "submission-file", "no edge, node or neuron has a score"),
    (
        change(RANKED, _nan),
        RANKED,
        "submission-file",
        "edges with the score NaN, which sorts nowhere: 1",
    ),
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


def test_circuits_for_each_of_the_two_measures_lie_in_folders_of_their_own(
    submission: Path,
) -> None:
    for measure in ("abs_true", "abs_False"):
        (submission / measure).mkdir()
    (submission / "ioi_gpt2").rename(submission / "abs_true/ioi_gpt2")
    (submission / "mcqa_qwen2.5").rename(submission / "abs_False/mcqa_qwen2.5")
    assert problems(submission) == []
    (submission / "abs_true/other").mkdir()
    ((where, code, _),) = problems(submission)
    assert (where, code) == ("abs_true/other", "submission-layout")


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

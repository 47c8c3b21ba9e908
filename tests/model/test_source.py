from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.model.folders import refused, save
from tests.model.tiny import gpt2


@pytest.mark.parametrize("path", ["../model", "/model", "a/../../model"])
def test_a_path_may_not_leave_the_project(tmp_path: Path, path: str) -> None:
    save(tmp_path / "model", gpt2())
    project = tmp_path / "project"
    project.mkdir()
    assert refused(f"path:{path}", project).code == "unsafe-path"


def test_a_linked_folder_may_not_lead_out(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "model").symlink_to(save(tmp_path / "model", gpt2()))
    assert refused("path:model", project).code == "unsafe-path"


def test_a_linked_file_may_not_lead_out(tmp_path: Path) -> None:
    project = tmp_path / "project"
    folder = save(project / "model", gpt2())
    (folder / "tokenizer.json").rename(tmp_path / "tokenizer.json")
    (folder / "tokenizer.json").symlink_to(tmp_path / "tokenizer.json")
    problem = refused("path:model", project)
    assert problem.code == "unsafe-path"
    assert "`model/tokenizer.json` is a link" in problem.message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    problem = refused("path:model", tmp_path)
    assert problem.code == "model-not-found"
    assert "no folder `model`" in problem.message


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "consolidated.00.pth"])
def test_a_pickle_is_refused_unopened(tmp_path: Path, name: str) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(b"never read")
    problem = refused("path:model", tmp_path)
    assert problem.code == "pickle-checkpoint"
    assert f"`{name}`" in problem.message


def test_a_pickle_beside_safetensors_is_ignored(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "pytorch_model.bin").write_bytes(b"never read")
    (folder / "config.json").unlink()
    assert "no `config.json`" in refused("path:model", tmp_path).message


@pytest.mark.parametrize("name", ["../../weights.safetensors", "absent.safetensors"])
def test_an_index_may_only_name_its_neighbours(tmp_path: Path, name: str) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    index = {"metadata": {}, "weight_map": {"transformer.wte.weight": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    problem = refused("path:model", tmp_path)
    assert problem.code == "bad-checkpoint"
    assert name in problem.message


def test_a_distribution_that_is_not_installed(tmp_path: Path) -> None:
    problem = refused("pkg:no-such-distribution-here", tmp_path)
    assert problem.code == "model-not-found"
    assert "no-such-distribution-here" in problem.message


@pytest.mark.parametrize("name", ["../x", "", "a b", "x; rm"])
def test_a_name_that_no_distribution_has(tmp_path: Path, name: str) -> None:
    assert "no name of a distribution" in refused(f"pkg:{name}", tmp_path).message


def test_a_distribution_without_weights(tmp_path: Path) -> None:
    problem = refused("pkg:lark", tmp_path)
    assert problem.code == "model-not-found"
    assert "ships no .gguf or .safetensors" in problem.message


def test_no_built_in_model_of_that_name(tmp_path: Path) -> None:
    problem = refused("builtin:no-such-model", tmp_path)
    assert problem.code == "model-not-found"
    assert problem.help


def test_an_unknown_scheme_lists_the_known(tmp_path: Path) -> None:
    problem = refused("ftp:model", tmp_path)
    assert "`hf:org/name`" in (problem.help or "")


def test_the_hub_without_network_or_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    problem = refused("hf:openai-community/gpt2", tmp_path)
    assert problem.code == "model-not-found"
    assert "not in the local Hugging Face cache" in problem.message
    assert "hf download openai-community/gpt2" in (problem.help or "")
    assert "tried the hub, then the cache" in (problem.note or "")


@pytest.mark.parametrize("name", ["../etc", "a/b/c", "", "org/na me"])
def test_no_repository_name(tmp_path: Path, name: str) -> None:
    assert "is no repository name" in refused(f"hf:{name}", tmp_path).message

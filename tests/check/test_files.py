"""What a spec may read: files of its own folder, of bounded size, as they were pinned."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from circuitlang.syntax.diagnostic import Severity
from tests.check.specs import checked, errors, only, prompts, spec

FEW = "ablation = zero examples = 100"


def words(path: str, more: str = "") -> str:
    task = prompts("{A:name} met {B:name} and").replace('"names.txt"', f'"{path}" {more}')
    return spec(task=task, policy=FEW)


@pytest.mark.parametrize(
    "path",
    [
        "../names.txt",
        "sub/../../names.txt",
        "/etc/passwd",
        "C:names.txt",
        "C:/names.txt",
        "file:///etc/passwd",
        "sub\\\\names.txt",
        "",
        "a\\nb",
    ],
)
def test_paths_that_lead_outside_are_refused(path: str, folder: Path) -> None:
    assert errors(words(path), folder) == ["unsafe-path"]


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("Anna\nBen\n", encoding="utf-8")
    (inside / "names.txt").symlink_to(tmp_path / "secret.txt")
    found, at = only(words("names.txt"), inside)
    assert (found.code, at) == ("unsafe-path", '"names.txt"')
    (inside / "linked").symlink_to(tmp_path)
    assert errors(words("linked/secret.txt"), inside) == ["unsafe-path"]


def test_a_link_that_stays_inside_is_followed(folder: Path) -> None:
    (folder / "also.txt").symlink_to(folder / "names.txt")
    assert errors(words("also.txt"), folder) == []


def test_a_model_folder_stays_inside_too(folder: Path) -> None:
    assert errors(spec(model='model "path:../gpt2"'), folder) == ["unsafe-path"]


def test_a_folder_is_no_word_list(folder: Path) -> None:
    (folder / "names").mkdir()
    assert errors(words("names"), folder) == ["missing-file"]


def test_the_warning_of_an_unpinned_file_can_be_pasted(folder: Path) -> None:
    _, found = checked(words("names.txt"), folder)
    assert [(d.code, d.severity) for d in found] == [("unpinned-data", Severity.WARNING)]
    digest = hashlib.sha256((folder / "names.txt").read_bytes()).hexdigest()
    pinned = f'"names.txt" sha256 "{digest}"'
    assert found[0].help == f"pin it: `{pinned}`"
    circuit, found = checked(words("names.txt", f'sha256 "{digest}"'), folder)
    assert circuit is not None
    assert not found


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"Anna\nBen\nAnna\n", b"\xff\xfe", b"a%d\n" * 0 + b"x\xff"],
)
def test_bad_word_lists(content: bytes, folder: Path) -> None:
    (folder / "names.txt").write_bytes(content)
    assert errors(words("names.txt"), folder) == ["bad-word-list"]


def test_a_word_list_has_at_most_a_hundred_thousand_words(folder: Path) -> None:
    listed = "\n".join(f"{i:x}" for i in range(100_001))
    (folder / "names.txt").write_text(listed, encoding="utf-8")
    assert errors(words("names.txt"), folder) == ["bad-word-list"]


def test_a_word_list_has_at_most_a_mebibyte(folder: Path) -> None:
    (folder / "names.txt").write_bytes(b"a" * ((1 << 20) + 1))
    assert errors(words("names.txt"), folder) == ["file-too-large"]


def test_the_shape_of_a_local_model_comes_from_its_configuration(folder: Path) -> None:
    (folder / "tiny").mkdir()
    (folder / "tiny" / "config.json").write_text(
        '{"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_positions": 200,'
        ' "vocab_size": 100}',
        encoding="utf-8",
    )
    head = "role late at any attending any {{ head {} }}"
    model = 'model "path:tiny"'
    assert errors(spec(head.format("a1.h1"), model=model), folder) == []
    assert errors(spec(head.format("a2.h1"), model=model), folder) == ["out-of-range"]


@pytest.mark.parametrize("config", ["", "[]", "[" * 100_000, '{"n_layer": 2}', "\0"])
def test_a_broken_configuration_leaves_the_shape_unknown(config: str, folder: Path) -> None:
    (folder / "config.json").write_text(config, encoding="utf-8")
    circuit, found = checked(spec(model='model "path:."'), folder)
    assert circuit is not None
    assert circuit.shape is None
    assert [d.code for d in found] == ["unknown-shape"]

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.store.place import CACHE_DIR, CACHE_KEY, prepare, secret, store_folder


def test_beside_the_spec_where_there_is_no_project(tmp_path: Path) -> None:
    assert store_folder(tmp_path / "a.circuit") == tmp_path / ".circuitlang"


@pytest.mark.parametrize("mark", [".git", ".circuitlang"])
def test_at_the_top_of_the_nearest_project(tmp_path: Path, mark: str) -> None:
    (tmp_path / ".git").mkdir()
    project = tmp_path / "inner"
    (project / "specs" / "deep").mkdir(parents=True)
    (project / mark).mkdir()
    assert store_folder(project / "specs" / "deep" / "a.circuit") == project / ".circuitlang"


def test_a_worktrees_file_marks_a_project_too(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    (tmp_path / "specs").mkdir()
    assert store_folder(tmp_path / "specs" / "a.circuit") == tmp_path / ".circuitlang"


def test_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_DIR, str(tmp_path / "other"))
    assert store_folder(tmp_path / "a.circuit") == tmp_path / "other"


def test_version_control_and_backups_leave_it_out(tmp_path: Path) -> None:
    prepare(tmp_path / "made")
    prepare(tmp_path / "made")
    assert (tmp_path / "made" / ".gitignore").read_text() == "*\n"
    tag = (tmp_path / "made" / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_a_secret_is_made_once_and_is_the_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CACHE_KEY)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = secret()
    (path,) = (tmp_path / "circuitlang").iterdir()
    assert len(made) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret() == made

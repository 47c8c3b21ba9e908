from __future__ import annotations

import re
from pathlib import Path

import pytest

from circuitlang.store.place import CACHE_DIR
from tests.e2e.git_project import ROOT, commit, git, prepare
from tests.e2e.tiny_project import write_spec


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for each test: what one measures, no other finds."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv(CACHE_DIR, str(folder))
    return folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`circuitlang` and git as `prepare` has them."""
    prepare(tmp_path, monkeypatch)


@pytest.fixture
def bare(tmp_path: Path, programs: None) -> Path:
    """An empty bare repository in whose main branch nothing may get weaker, by the page's hook."""
    path = tmp_path / "origin.git"
    assert git("init", "-q", "--bare", "-b", "main", path, cwd=tmp_path).code == 0
    page = (ROOT / "docs" / "ci.md").read_text()
    (script,) = re.findall(r"^```bash\n(#!.*?)^```$", page, re.MULTILINE | re.DOTALL)
    hook = path / "hooks" / "update"
    hook.write_text(script)
    hook.chmod(0o755)
    return path


@pytest.fixture
def clone(bare: Path, tmp_path: Path) -> Path:
    """A clone with a spec, pushed to main: the first push there is."""
    path = tmp_path / "clone"
    assert git("clone", "-q", bare, path, cwd=tmp_path).code == 0
    (path / "specs").mkdir()
    write_spec(path / "specs")
    commit(path, "main")
    pushed = git("push", "-q", "origin", "HEAD:main", cwd=path)
    assert pushed.code == 0, pushed.err
    return path

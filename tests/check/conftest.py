from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.specs import NAMES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with a word list of twelve names."""
    (tmp_path / "names.txt").write_text(NAMES.replace(" ", "\n") + "\n", encoding="utf-8")
    return tmp_path

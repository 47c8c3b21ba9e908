from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.store.place import CACHE_DIR


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for each test: what one measures, no other finds."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv(CACHE_DIR, str(folder))
    return folder

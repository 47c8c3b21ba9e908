from __future__ import annotations

import pytest

from circuitlang.store.place import CACHE_DIR, CACHE_KEY


@pytest.fixture(autouse=True)
def own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or makes the secret of whoever runs it."""
    monkeypatch.setenv(CACHE_KEY, "of the tests")
    monkeypatch.delenv(CACHE_DIR, raising=False)

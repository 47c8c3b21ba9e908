from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or makes the secret of whoever runs it."""
    monkeypatch.setenv("CIRCUITLANG_CACHE_KEY", "of the tests")
    monkeypatch.delenv("CIRCUITLANG_CACHE_DIR", raising=False)

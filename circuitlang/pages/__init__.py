"""One page a diagnostic, read by `circuitlang explain CODE`; the file's name is the code."""

from __future__ import annotations

import difflib
from importlib.resources import files

_SUFFIX = ".md"


def known_codes() -> tuple[str, ...]:
    pages = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in pages if name.endswith(_SUFFIX)))


def find_page(code: str) -> str | None:
    """The Markdown text of a code's page, or None for a code that does not exist."""
    if code not in known_codes():
        return None
    return files(__name__).joinpath(code + _SUFFIX).read_text(encoding="utf-8")


def nearest_code(code: str) -> str | None:
    return next(iter(difflib.get_close_matches(code, known_codes(), n=1)), None)

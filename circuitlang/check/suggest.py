"""The help line of an unknown name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_COMPARED = 200
_MOST_LISTED = 10

DID_YOU_MEAN = "did you mean "


def closest(text: str, names: Iterable[str]) -> str | None:
    """The known name that the text was probably meant to be."""
    compared = list(dict.fromkeys(names))[:_MOST_COMPARED]
    folded = {name.lower(): name for name in compared}
    if text.lower() in folded:
        return folded[text.lower()]
    close = get_close_matches(text[:80], compared, n=1)
    return close[0] if close else None


def suggest(text: str, names: Iterable[str], what: str = "names") -> str | None:
    """``did you mean `x`?``, or else the names to choose from; None where there are none."""
    known = list(dict.fromkeys(names))
    near = closest(text, known)
    if near is not None:
        return f"{DID_YOU_MEAN}`{near}`?"
    if not known:
        return None
    more = ", ..." if len(known) > _MOST_LISTED else ""
    return f"known {what}: {listed(known[:_MOST_LISTED])}{more}"


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)

"""How many there are of something, in words."""

from __future__ import annotations


def counted(count: int, name: str) -> str:
    """``1 head``, ``2,048 heads``."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"

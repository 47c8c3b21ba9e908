"""How a person wants a report to look; formats for programs do not ask."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """``color`` adds ANSI colours; ``explain`` adds why each claim was measured."""

    color: bool = False
    explain: bool = False


PLAIN = Look()

"""The report as one HTML file that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from circuitlang.report.look import Look

if TYPE_CHECKING:
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.record import Report


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """All results on one page; see `circuitlang.report.html.page.to_html`. Templates are loaded
    only now."""
    from circuitlang.report.html.page import to_html

    return to_html(results)

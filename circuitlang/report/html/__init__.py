"""The report as one HTML file that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from circuitlang.report.html.page import report_fragment, to_html

__all__ = ["report_fragment", "to_html"]

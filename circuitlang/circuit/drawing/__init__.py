"""A circuit as a picture: position by layer, as SVG in a fragment of HTML. No script, nothing
fetched; whatever the file says is escaped."""

from __future__ import annotations

from circuitlang.circuit.drawing.draw import Drawing, draw
from circuitlang.circuit.drawing.fragment import fragment, notebook, sheet

__all__ = ["Drawing", "draw", "fragment", "notebook", "sheet"]

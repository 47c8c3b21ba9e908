"""One of several circuits that are measured together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from circuitlang.circuit.circuit import Circuit


@dataclass(frozen=True)
class Entrant:
    """A circuit and the path of its file: a model's folder and the cache are looked up there."""

    path: Path
    circuit: Circuit

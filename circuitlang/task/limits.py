"""How much a task may ask for, so that no number in a file allocates without bound."""

from __future__ import annotations

from circuitlang.circuit.circuit import TaskSpec
from circuitlang.syntax.diagnostic import Diagnostic

MOST_TOKENS = 5_000_000
MOST_SLOTS = 100
MOST_BYTES = 64 << 20
MOST_LINES = 200_000
MOST_LINE = 1 << 20


def too_many_tokens(task: TaskSpec, examples: int) -> Diagnostic:
    """``examples`` is the number that still fits."""
    return Diagnostic(
        "too-many-tokens",
        f"the examples and their corruptions hold more than {MOST_TOKENS:,} tokens",
        task.span,
        help=f"write `examples = {max(1, examples)}`",
    )

"""How many examples run side by side."""

from __future__ import annotations

# What a batch may take beside the model, in bytes, unless the user says otherwise.
MEMORY = 1 << 29

# What requests under several ablations may keep of the corrupt runs that they have in common.
RECORDINGS = MEMORY // 2

# On a CPU a batch takes seconds, and an interrupted run loses the one that it was in. Wider batches
# than this are no faster there.
_MOST_EXAMPLES = 32


def side_by_side(fitting: int, device: str = "cpu") -> int:
    """How many examples make a batch on that kind of device, where memory has room for ``fitting``;
    one at the least."""
    return max(1, min(fitting, _MOST_EXAMPLES) if device == "cpu" else fitting)

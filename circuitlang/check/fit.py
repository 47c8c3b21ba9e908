"""A circuit held against the model itself, once its files have said what its shape is."""

from __future__ import annotations

from circuitlang.check.scope import in_range
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.shape import ModelShape
from circuitlang.syntax.diagnostic import Diagnostic


def misfits(circuit: Circuit, shape: ModelShape) -> tuple[Diagnostic, ...]:
    """Members that the model does not have.

    `check` finds them where it knows the shape; a model that it does not know, or one whose files
    differ from the published shape, is held against them here. Code: out-of-range.
    """
    members = [member for role in circuit.roles.values() for member in role.members]
    return tuple(
        finding for member in members for finding in in_range(member.node, member.span, shape)
    )

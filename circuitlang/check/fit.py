"""A circuit held against the model itself, once its files have said what its shape is."""

from __future__ import annotations

from circuitlang.check.scope import in_range
from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.circuit.shape import ModelShape
from circuitlang.syntax.diagnostic import Diagnostic


def misfits(circuit: Circuit, shape: ModelShape) -> tuple[Diagnostic, ...]:
    """Members, and nodes that a claim names, which the model does not have.

    `check` finds them where it knows the shape; a model that it does not know, or one whose files
    differ from the published shape, is held against them here. Code: out-of-range.
    """
    named = [(m.node, m.span) for role in circuit.roles.values() for m in role.members]
    for claim in circuit.claims:
        arguments = claim.measure.arguments.values()
        named += [(value, claim.span) for value in arguments if isinstance(value, Node)]
    return tuple(finding for node, span in named for finding in in_range(node, span, shape))

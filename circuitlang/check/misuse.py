"""Claims whose arguments are sound one by one, and together say nothing about this circuit."""

from __future__ import annotations

from collections.abc import Sequence

from circuitlang.check.arguments import arguments_of
from circuitlang.check.checked import Checked
from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.measures import MEASURES
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic


def check_misuse(circuit: Circuit, written: Sequence[tree.Claim]) -> Checked[None]:
    """What each claim's measure has against its arguments, at the argument that it blames."""
    calls = {claim.name.text: claim.measure for claim in reversed(written)}
    for claim in circuit.claims:
        measure, arguments = MEASURES[claim.measure.name], claim.measure.arguments
        misuse = measure.misuse(circuit, arguments)
        if misuse is None and 0 < claim.threshold < 1:
            misuse = measure.level(arguments, claim.threshold)
        if misuse is None:
            continue
        call = calls[claim.name]
        spans = {given.key.text: given.span for given in arguments_of(call) if given.key}
        span = spans.get(misuse.argument or "", call.name.span)
        yield Diagnostic(misuse.code, misuse.message, span, help=misuse.help)

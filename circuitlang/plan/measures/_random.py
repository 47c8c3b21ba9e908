"""What tests against random circuits share."""

from __future__ import annotations

from collections.abc import Callable

from circuitlang.circuit.circuit import MOST_EXAMPLES, Circuit
from circuitlang.plan.hypothesis import fewest, least_p
from circuitlang.plan.measures.base import Arguments, Misuse, Parameter
from circuitlang.plan.random_circuits import random_circuits
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Variant, shape_of

# What tests may ask for: fewer random circuits could not reject at 5 %.
MOST_CIRCUITS = 1000
CIRCUITS_BOUNDS = (fewest(0.05), MOST_CIRCUITS)
CIRCUITS = Parameter("circuits", "integer", default=50, bounds=CIRCUITS_BOUNDS)
EXAMPLES = Parameter("examples", "integer", default=64, bounds=(5, MOST_EXAMPLES))


def drawn(circuit: Circuit, arguments: Arguments, measure: str) -> dict[str, Circuit]:
    """The random circuits, by label; the first of them are those of the policy's cover.

    Raises ShapeNeededError, in the name of the ``measure``, where the model's shape is not known.
    """
    shape_of(circuit, f"`{measure}`")
    found = random_circuits(circuit, int(str(arguments["circuits"])))
    return {f"random {i}": one for i, one in enumerate(found, start=1)}


def runs_against(
    circuit: Circuit,
    arguments: Arguments,
    measure: str,
    label: str,
    variant: Callable[[Circuit], Variant],
) -> dict[str, Evaluation]:
    """The model, the ``variant`` of the circuit under ``label``, and that of each random one."""
    circuits = {label: circuit, **drawn(circuit, arguments, measure)}
    asked = {"M": MODEL} | {name: variant(one) for name, one in circuits.items()}
    examples = int(str(arguments["examples"]))
    return {name: Evaluation(one, examples=examples) for name, one in asked.items()}


def too_few(arguments: Arguments, level: float) -> Misuse | None:
    """So few circuits that not even one which beats them all is rejected at the level."""
    circuits = int(str(arguments["circuits"]))
    if least_p(circuits) <= level:
        return None
    needed = fewest(level)
    return Misuse(
        "unreachable-level",
        f"{circuits} random circuits give no p below {least_p(circuits):.2g}, and the claim is "
        f"about {level:g}",
        "circuits",
        f"write `circuits={needed}`" if needed <= MOST_CIRCUITS else "take another level",
    )

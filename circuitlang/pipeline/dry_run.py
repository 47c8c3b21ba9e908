"""What a verification would run, from the text alone: neither torch nor a model is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.compile import compile_file
from circuitlang.plan.cost import Cost, describe
from circuitlang.plan.plan import make_plan
from circuitlang.plan.sensitivity import Which, matrix_of
from circuitlang.plan.variant import ShapeNeededError
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import NOWHERE


@dataclass(frozen=True)
class Options:
    """``claims``: names of those to verify, all when empty. ``examples`` and ``seed`` replace the
    policy's.
    ``executor`` is ``sparse``, or ``reference`` for the slow and obvious one. ``cache`` is whether
    numbers are taken from the store and kept there. ``memory`` bounds what the sparse executor
    takes for a batch beside the model, in bytes; None is its own bound. ``pictures`` is whether
    prompts and attention patterns are gathered for a report to show. ``sensitivity`` asks for the
    matrix of the claims of faithfulness, or of all that read something ablated."""

    claims: tuple[str, ...] = ()
    device: str = "cpu"
    examples: int | None = None
    executor: Literal["sparse", "reference"] = "sparse"
    cache: bool = True
    memory: int | None = None
    pictures: bool = False
    sensitivity: Which | None = None
    seed: int | None = None


EVERYTHING = Options()


def plan_file(path: Path, options: Options = EVERYTHING) -> tuple[Circuit, Cost] | Blocked:
    """What `verify_file` would run and its cost, from the text alone: no model is opened."""
    compiled = compile_file(path)
    if compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    circuit = adjusted(compiled.circuit, options)
    if unknown := unknown_claims(circuit, options.claims):
        return Blocked(str(path), Findings(circuit.source, unknown), EXIT_INVALID)
    try:
        plan, matrix = make_plan(circuit, options.claims or None), None
        if options.sensitivity is not None:
            matrix = matrix_of(circuit, options.sensitivity, options.claims or None)
        return circuit, describe(plan, circuit, matrix=matrix)
    except ShapeNeededError as needed:
        return Blocked(
            str(path), Findings(circuit.source, (_no_shape(circuit, needed),)), EXIT_NOT_MEASURED
        )


def _no_shape(circuit: Circuit, needed: ShapeNeededError) -> Diagnostic:
    return Diagnostic(
        "shape-needed",
        f"{needed.what} cannot be planned: the shape of `{circuit.model.source[:80]}` is known "
        "only from its files",
        circuit.model.span,
        help="put the model where the spec says it is, or leave out `--dry-run`",
    )


def adjusted(circuit: Circuit, options: Options) -> Circuit:
    """The circuit under the policy that the options ask for."""
    policy = circuit.policy
    if options.examples is not None:
        policy = replace(policy, examples=options.examples)
    if options.seed is not None:
        policy = replace(policy, seed=options.seed)
    return replace(circuit, policy=policy)


def unknown_claims(circuit: Circuit, names: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """One finding for each name that is no claim of the circuit's, at the circuit's first claim."""
    known = [claim.name for claim in circuit.claims]
    place = circuit.claims[0].span if circuit.claims else NOWHERE
    return tuple(
        Diagnostic(
            code="unknown-claim",
            message=f"`--claim {name}` names no claim of `{circuit.name}`",
            span=place,
            label="the first of its claims" if known else "",
            help=f"its claims are {', '.join(f'`{k}`' for k in known)}" if known else None,
        )
        for name in names
        if name not in known
    )

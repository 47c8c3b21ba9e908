"""What a verification would run, from the text alone: neither torch nor a model is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from circuitlang.circuit.circuit import MOST_EXAMPLES, Circuit
from circuitlang.pipeline.compile import compile_file
from circuitlang.plan.cost import Cost, describe, describe_looks
from circuitlang.plan.looks import look_sizes
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
    matrix of the claims of faithfulness, or of all that read something ablated. ``decide`` is
    whether a claim that is inconclusive gets more examples, in declared looks up to
    ``most_examples``, or up to eight times the first; there is no matrix then."""

    claims: tuple[str, ...] = ()
    device: str = "cpu"
    examples: int | None = None
    executor: Literal["sparse", "reference"] = "sparse"
    cache: bool = True
    memory: int | None = None
    pictures: bool = False
    sensitivity: Which | None = None
    seed: int | None = None
    decide: bool = False
    most_examples: int | None = None


EVERYTHING = Options()

# So many times the first look's examples at the last, unless something else is asked for, and never
# more than a policy may ask for.
_TIMES = 8


def plan_file(path: Path, options: Options = EVERYTHING) -> tuple[Circuit, Cost] | Blocked:
    """What `verify_file` would run and its cost, from the text alone: no model is opened."""
    compiled = compile_file(path)
    if compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    circuit = adjusted(compiled.circuit, options)
    if misused := misuses(circuit, options):
        return Blocked(str(path), Findings(circuit.source, misused), EXIT_INVALID)
    try:
        plan, matrix = make_plan(circuit, options.claims or None), None
        if options.decide:
            first, most = circuit.policy.examples, most_examples(circuit, options)
            sizes = look_sizes(first, most, circuit.policy.confidence)
            return circuit, describe_looks(plan, circuit, sizes)
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


def most_examples(circuit: Circuit, options: Options) -> int:
    """The size of the data set that is built: the policy's, or what looks may go up to."""
    first = circuit.policy.examples
    if not options.decide:
        return first
    return options.most_examples or min(_TIMES * first, MOST_EXAMPLES)


def misuses(circuit: Circuit, options: Options) -> tuple[Diagnostic, ...]:
    """What the options ask for and this circuit does not have. ``circuit`` is that of
    `adjusted`."""
    first, most = circuit.policy.examples, most_examples(circuit, options)
    if most < first:
        enough = min(_TIMES * first, MOST_EXAMPLES)
        few = Diagnostic(
            "too-few-examples-at-most",
            f"`--max-examples {most}` is less than the {first} examples to begin with",
            NOWHERE,
            help=f"write `--max-examples {enough}`, or begin with fewer: "
            f"`--examples {max(1, most // _TIMES)}`",
        )
        return (few,)
    return unknown_claims(circuit, options.claims)


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

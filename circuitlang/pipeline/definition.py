"""Under which definition a circuit is measured: two results are compared under one only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from circuitlang.circuit.circuit import Circuit
from circuitlang.syntax.diagnostic import Diagnostic

Form = Literal["ratio", "normalized", "gap", "kl"]
FORMS: tuple[Form, ...] = get_args(Form)


def definition(circuit: Circuit) -> Mapping[str, str]:
    """Everything in a file that a measurement of faithfulness depends on but the circuit itself
    and its prompts. Confidence and resamples are no part of it: they are about its precision."""
    policy, model = circuit.policy, circuit.model
    return {
        "model": model.source,
        "revision": model.revision or "none",
        "dtype": model.dtype,
        "metric": circuit.task.metric.name,
        "granularity": policy.granularity,
        "ablation": str(policy.ablation),
        "positions": policy.positions,
        "examples": str(policy.examples),
        "seed": str(policy.seed),
        "keep mlps": "stated" if circuit.keep_mlps else "not stated",
    }


def differences(a: Circuit, b: Circuit) -> tuple[str, ...]:
    """The parts of the definition that are not the same, in words."""
    mine, other = definition(a), definition(b)
    return tuple(
        f"`{part}` is {mine[part]} in A and {other[part]} in B"
        for part in mine
        if mine[part] != other[part]
    )


def refused(a: Circuit, parts: tuple[str, ...], help: str | None = None) -> Diagnostic:  # noqa: A002
    """The finding that two circuits are not measured alike."""
    return Diagnostic(
        "different-definitions",
        f"the two are not measured alike, so their numbers cannot be compared: {'; '.join(parts)}",
        a.model.span,
        help=help or "write both files with one model, one task and one policy",
    )


def forms(circuit: Circuit) -> tuple[Form, ...]:
    """The forms of faithfulness that a file makes claims about."""
    claimed = {
        c.measure.arguments["as"] for c in circuit.claims if c.measure.name == "faithfulness"
    }
    return tuple(form for form in FORMS if form in claimed)


def shared_form(*circuits: Circuit) -> Form | Diagnostic:
    """The form of faithfulness that all of the files make claims about, the first where there are
    several; or the finding that there is none."""
    claimed = [forms(circuit) for circuit in circuits]
    for form in FORMS:
        if all(form in one for one in claimed):
            return form
    said = "; ".join(
        f"`{circuit.name}` claims {' and '.join(of) or 'none'}"
        for circuit, of in zip(circuits, claimed, strict=True)
    )
    return Diagnostic(
        "no-shared-measure",
        f"the files do not claim one form of faithfulness: {said}",
        circuits[0].claims[0].span if circuits[0].claims else circuits[0].model.span,
        help=f"choose one: `--measure {' | '.join(FORMS)}`",
    )

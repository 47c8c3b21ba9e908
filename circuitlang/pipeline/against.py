"""A new verification against recorded evidence: what fell, and what may not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.evidence import Evidence
from circuitlang.report.comparison import Comparison
from circuitlang.report.record import Report
from circuitlang.score.regress import Regression, comparable, in_one_family, regression
from circuitlang.syntax.diagnostic import Diagnostic, Findings

# What a number means depends on these; circuit, model weights and versions are what is compared.
_DEFINING = ("granularity", "ablation", "positions", "keep_mlps")


def against(report: Report, evidence: Evidence, most: float) -> Comparison | Findings:
    """Compares claim by claim, by name, or says why nothing of it can be compared.

    Numbers are paired example by example: both sides need the same prompts, the same policy of
    ablation and, claim by claim, the same measure.
    """
    circuit = report.circuit
    if problems := tuple(_other_definition(report, evidence)):
        return Findings(circuit.source, problems)
    then = {claim.name: claim for claim in evidence.circuit.claims}
    now = [verdict.claim for verdict in report.verdicts]
    found = []
    for claim in now:
        if claim.name not in then:
            continue
        if reason := comparable(claim, then[claim.name]):
            found.append(Regression(claim, "not compared", reason=f"another measure: {reason}"))
        else:
            found.append(
                regression(
                    claim,
                    (circuit, report.observations),
                    (evidence.circuit, evidence.observations),
                    most,
                )
            )
    names = {claim.name for claim in now}
    return Comparison(
        str(evidence.path),
        in_one_family(found, circuit.policy.confidence),
        tuple(claim.name for claim in now if claim.name not in then),
        tuple(name for name in then if name not in names),
        most,
    )


def _other_definition(report: Report, evidence: Evidence) -> Iterator[Diagnostic]:
    recorded = evidence.verification
    span = report.circuit.model.span
    for name in _DEFINING:
        now, then = _setting(report.circuit, name), recorded["policy"][name]
        if now != then:
            yield Diagnostic(
                "different-definitions",
                f"`{name} = {now}` gives other numbers than the evidence's `{name} = {then}`: they "
                "cannot be compared",
                span,
                help="record new evidence with `circuitlang verify --record`",
            )
    if report.data_digest != recorded["data"]["digest"]:
        yield Diagnostic(
            "different-definitions",
            f"the evidence is of other prompts ({recorded['data']['n']}, seed {recorded['seed']}) "
            f"than these ({report.examples}, seed {report.circuit.policy.seed}): nothing is paired",
            span,
            help=f"--examples {recorded['policy']['examples']} --seed {recorded['seed']}",
        )


def _setting(circuit: Circuit, name: str) -> Any:
    if name == "keep_mlps":
        return circuit.keep_mlps
    value = getattr(circuit.policy, name)
    return str(value) if name == "ablation" else value

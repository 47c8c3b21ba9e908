"""A new verification against recorded evidence: what fell, and what may not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.recorded import Evidence
from circuitlang.report.record import Report
from circuitlang.report.regressions import Regressions
from circuitlang.score.regress import comparable, in_one_family, regression
from circuitlang.score.regression import Regression
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Diagnostic

# What a number means depends on these; circuit, model weights and versions are what is compared.
_DEFINING = ("granularity", "ablation", "positions", "keep_mlps")


@dataclass(frozen=True)
class Baseline:
    """Evidence to compare a verification with. A claim may fall by ``most``, in its measure's own
    unit."""

    evidence: Evidence
    most: float = 0.0

    def objections(self, circuit: Circuit, data_digest: str, examples: int) -> Iterator[Diagnostic]:
        """Why nothing of a circuit, on so many examples of that digest, could be compared: numbers
        are paired example by example, under one policy of ablation."""
        recorded = self.evidence.verification
        span = circuit.model.span
        for name in _DEFINING:
            now, then = _setting(circuit, name), recorded["policy"][name]
            if now != then:
                yield Diagnostic(
                    "different-definitions",
                    f"`{name} = {now}` gives other numbers than the evidence's `{name} = {then}`: "
                    "they cannot be compared",
                    span,
                    help="record new evidence with `circuitlang verify --record`",
                )
        if data_digest != recorded["data"]["digest"]:
            yield Diagnostic(
                "different-definitions",
                f"the evidence is of other prompts ({recorded['data']['n']}, seed "
                f"{recorded['seed']}) than these ({examples}, seed {circuit.policy.seed}): nothing "
                "is paired",
                span,
                help=f"--examples {recorded['policy']['examples']} --seed {recorded['seed']}",
            )

    def regressions(self, report: Report) -> Regressions:
        """Claim by claim, by name; of a report to whose circuit there were no `objections`."""
        circuit, evidence = report.circuit, self.evidence
        then = {claim.name: claim for claim in evidence.circuit.claims}
        names = {verdict.claim.name for verdict in report.verdicts}
        found = [
            self._regression(report, verdict, evidence)
            for verdict in report.verdicts
            if verdict.claim.name in then
        ]
        return Regressions(
            str(evidence.path),
            in_one_family(found, circuit.policy.confidence),
            tuple(v.claim.name for v in report.verdicts if v.claim.name not in then),
            tuple(name for name in then if name not in names),
            self.most,
        )

    def _regression(self, report: Report, verdict: Verdict, evidence: Evidence) -> Regression:
        claim = verdict.claim
        (then,) = (one for one in evidence.circuit.claims if one.name == claim.name)
        if reason := comparable(claim, then):
            return Regression(claim, "not compared", reason=f"another measure: {reason}")
        found = regression(
            claim,
            (report.circuit, report.observations),
            (evidence.circuit, evidence.observations),
            self.most,
        )
        return replace(found, counts=claim.severity == "error" and verdict.outcome != "waived")


def _setting(circuit: Circuit, name: str) -> Any:
    if name == "keep_mlps":
        return circuit.keep_mlps
    value = getattr(circuit.policy, name)
    return str(value) if name == "ablation" else value

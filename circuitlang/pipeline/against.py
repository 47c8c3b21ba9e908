"""A new verification against recorded evidence: what fell, and what may not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.counterparts import Counterparts, counterparts
from circuitlang.pipeline.definition import definition
from circuitlang.pipeline.recorded import Evidence
from circuitlang.report.record import Report
from circuitlang.report.regressions import Regressions
from circuitlang.score.regress import comparable, in_one_family, regression
from circuitlang.score.regression import Regression
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Diagnostic

# What may differ: the weights are compared as the circuit is.
_COMPARED = frozenset({"model", "revision", "dtype"})
_DRAWING = frozenset({"examples", "seed"})
_ANEW = "record new evidence with `circuitlang verify --record`"


@dataclass(frozen=True)
class Baseline:
    """Evidence to compare a verification with. A claim may fall by ``most``, in its measure's own
    unit."""

    evidence: Evidence
    most: float = 0.0

    def objections(self, circuit: Circuit, data_digest: str) -> Iterator[Diagnostic]:
        """Why nothing of a circuit, on the data of that digest, could be compared: numbers are
        paired example by example, and measured in one way."""
        now, then = definition(circuit), definition(self.evidence.circuit)
        apart = [part for part in now if part not in _COMPARED and now[part] != then[part]]
        for part in apart:
            yield Diagnostic(
                "different-definitions",
                f"`{part}` is {now[part]}, and {then[part]} in the evidence: the numbers cannot be "
                "compared",
                circuit.model.span,
                help=self._same_draw if part in _DRAWING else _ANEW,
            )
        if not apart and data_digest != self.evidence.verification["data"]["digest"]:
            yield Diagnostic(
                "different-definitions",
                "`task` makes other prompts, positions or answers than the evidence is of: nothing "
                "is paired",
                circuit.model.span,
                help=_ANEW,
            )

    @property
    def _same_draw(self) -> str:
        policy = self.evidence.circuit.policy
        return f"write `--examples {policy.examples} --seed {policy.seed}`"

    def regressions(self, report: Report) -> Regressions:
        """Claim by claim; of a report to whose circuit there were no `objections`."""
        circuit = report.circuit
        then = counterparts(circuit, self.evidence.circuit)
        found = [
            self._regression(report, verdict, then)
            for verdict in report.verdicts
            if verdict.claim.name in then.claims
        ]
        return Regressions(
            str(self.evidence.path),
            in_one_family(found, circuit.policy.confidence),
            tuple(v.claim.name for v in report.verdicts if v.claim.name not in then.claims),
            then.gone,
            self.most,
            then.roles,
        )

    def _regression(self, report: Report, verdict: Verdict, then: Counterparts) -> Regression:
        claim, was = verdict.claim, then.claims[verdict.claim.name]
        if reason := comparable(claim, was):
            return Regression(claim, "not compared", reason=f"another measure: {reason}")
        found = regression(
            claim,
            (report.circuit, report.observations),
            (then.circuit, self.evidence.observations),
            self.most,
        )
        counts = claim.severity == "error" and verdict.outcome != "waived"
        return replace(found, counts=counts, was=was.name)

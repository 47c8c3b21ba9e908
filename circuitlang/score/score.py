"""All claims of a circuit, judged, as one family and with its waivers applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from circuitlang.circuit.circuit import Circuit, Waiver
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import selected
from circuitlang.score.family import in_family
from circuitlang.score.judge import judge
from circuitlang.score.verdict import Verdict


def score(
    circuit: Circuit,
    observations: Observations,
    today: date,
    only: Collection[str] | None = None,
) -> tuple[Verdict, ...]:
    """A verdict a claim, in the order of the file; for the claims named in ``only``, if given.

    Raises ValueError if ``only`` names a claim that the circuit does not have.
    """
    verdicts = tuple(judge(circuit, claim, observations) for claim in selected(circuit, only))
    return waived(circuit, as_family(circuit, verdicts), today)


def as_family(circuit: Circuit, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts as the policy's family has them."""
    if circuit.policy.family == "none":
        return tuple(verdicts)
    return in_family(verdicts, len(circuit.claims))


def waived(circuit: Circuit, verdicts: Sequence[Verdict], today: date) -> tuple[Verdict, ...]:
    """The verdicts with the circuit's waivers."""
    waivers = {waiver.claim: waiver for waiver in circuit.waivers}
    return tuple(waive(v, waivers.get(v.claim.name), today) for v in verdicts)


def waive(verdict: Verdict, waiver: Waiver | None, today: date) -> Verdict:
    """The verdict with its waiver: a claim that fails or is inconclusive is waived up to and on the
    day the waiver names. What could not be measured cannot be waived."""
    if waiver is None:
        return verdict
    if verdict.outcome == "pass":
        note = "it is waived, but passes: the waiver can go"
    elif date.fromisoformat(waiver.until) < today:
        note = f"its waiver expired on {waiver.until}"
    elif verdict.outcome == "error":
        note = "its waiver does not cover what could not be measured"
    else:
        return replace(verdict, outcome="waived", waiver=waiver)
    return replace(verdict, reasons=(*verdict.reasons, note), waiver=waiver)

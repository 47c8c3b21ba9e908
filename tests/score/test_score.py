from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from circuitlang.circuit.circuit import Waiver
from circuitlang.score.score import score, waive
from circuitlang.score.verdict import Outcome, Verdict, exit_code
from tests.plan.circuits import circuit, claim, observe

TODAY = date(2026, 12, 1)
WAIVER = Waiver("m", "2026-12-01", "known")


def of(outcome: Outcome, *, warn: bool = False) -> Verdict:
    asked = claim("metric(of=model)", name="m", severity="warn" if warn else "error")
    return Verdict(asked, outcome, outcome, formula="F(M)")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("pass", "waived"), 0),
        (("pass", "inconclusive"), 3),
        (("pass", "vacuous"), 3),
        (("vacuous", "fail"), 1),
        (("inconclusive", "error"), 4),
        (("inconclusive", "error", "fail"), 1),
        ((), 3),
    ],
)
def test_the_exit_code_is_of_the_gravest_outcome(
    outcomes: tuple[Outcome, ...], expected: int
) -> None:
    assert exit_code(map(of, outcomes)) == expected


@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "vacuous", "error"])
def test_a_claim_that_only_warns_does_not_count(outcome: Outcome) -> None:
    assert exit_code([of(outcome, warn=True)]) == 0


@pytest.mark.parametrize(
    ("outcome", "until", "expected", "note"),
    [
        ("fail", "2026-12-01", "waived", None),
        ("inconclusive", "2027-01-01", "waived", None),
        ("vacuous", "2027-01-01", "waived", None),
        ("fail", "2026-11-30", "fail", "expired"),
        ("pass", "2027-01-01", "pass", "can go"),
        ("error", "2027-01-01", "error", "does not cover"),
    ],
)
def test_a_waiver_covers_what_was_judged_until_its_last_day(
    outcome: Outcome, until: str, expected: str, note: str | None
) -> None:
    found = waive(of(outcome), replace(WAIVER, until=until), TODAY)
    assert (found.outcome, found.judged) == (expected, outcome)
    assert (note is None) == (found.reasons == ())
    assert note is None or note in found.reasons[0]


def test_only_the_claims_asked_for_are_judged() -> None:
    first, second = (claim("metric(of=model)", name=name) for name in ("a", "b"))
    observations = observe(circuit(first), {"metric": [1.0, 2.0, 3.0, 4.0, 5.0]})
    verdicts = score(circuit(first, second), observations, TODAY, only=["b"])
    assert [v.claim.name for v in verdicts] == ["b"]
    assert [v.outcome for v in verdicts] == ["pass"]


def test_a_waiver_finds_its_claim() -> None:
    asked = claim("metric(of=model)", ">=", 9.0, name="m")
    hypothesis = circuit(asked, waivers=(WAIVER,))
    observations = observe(hypothesis, {"metric": [1.0, 2.0, 3.0, 4.0, 5.0]})
    (found,) = score(hypothesis, observations, TODAY)
    assert (found.outcome, found.judged, found.waiver) == ("waived", "fail", WAIVER)

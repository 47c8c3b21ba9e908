from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from circuitlang.pipeline.against import Baseline
from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.recorded import Evidence
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Request
from circuitlang.report.record import Report
from circuitlang.report.regressions import regression_lines
from circuitlang.score.regression import Regression
from circuitlang.syntax.diagnostic import Diagnostic
from tests.pipeline.evidences import SPEC, answers, recorded, verified


def then(folder: Path) -> Evidence:
    found, findings = read_evidence(recorded(folder))
    assert found is not None, findings
    return found


def compared(report: Report, evidence: Evidence, most: float = 0.0) -> dict[str, Regression]:
    found = Baseline(evidence, most).regressions(report)
    return {one.claim.name: one for one in found.regressions}


def objections(report: Report, baseline: Baseline) -> tuple[Diagnostic, ...]:
    digest = report.data_digest
    assert digest is not None
    return tuple(baseline.objections(report.circuit, digest))


def weaker(requests: tuple[Request, ...], by: float, noise: float = 0.0) -> Observations:
    """The same answers, with everything that keeps less than the whole model lower ``by``."""
    found = dict(answers(requests))
    for request, one in found.items():
        if "default=<Version.ABLATED" in repr(request):
            values = (v - by + noise * (-1) ** i * (1 + i / 40) for i, v in enumerate(one.values))
            found[request] = Observation(tuple(values), one.clusters)
    return found


def test_nothing_changed(tmp_path: Path) -> None:
    found = compared(verified(tmp_path), then(tmp_path))
    assert {one.finding for one in found.values()} == {"same"}
    assert {one.p for one in found.values()} == {None}


def test_a_fall_that_is_certain_is_worse(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    now = verified(tmp_path, measure=partial(weaker, by=0.8))
    found = compared(now, evidence)
    fall = found["faithful"]
    assert fall.finding == "worse"
    assert fall.change is not None
    assert fall.then is not None
    assert fall.now is not None
    assert fall.change.value == pytest.approx(fall.now - fall.then)
    assert fall.change.value == pytest.approx(-0.8 / now.inputs["F(M)"].value)
    assert found["mover_matters"].finding == "same"


def test_a_fall_that_is_allowed_is_held(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    now = verified(tmp_path, measure=partial(weaker, by=0.8))
    assert compared(now, evidence, most=0.5)["faithful"].finding == "held"


def test_a_fall_within_the_noise_is_undecided(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    now = verified(tmp_path, measure=partial(weaker, by=0.05, noise=2.0))
    assert compared(now, evidence)["faithful"].finding == "undecided"


def test_a_rise_is_a_fall_for_a_claim_of_at_most(tmp_path: Path) -> None:
    def stronger(requests: tuple[Request, ...]) -> Observations:
        found = dict(answers(requests))
        for request, one in found.items():
            text = repr(request)
            if "Version.ABLATED" in text and "default=<Version.LIVE" in text:
                found[request] = Observation(tuple(v + 1 for v in one.values), one.clusters)
        return found

    found = compared(verified(tmp_path, measure=stronger), then(tmp_path))
    assert found["mover_matters"].finding == "worse"
    rise = found["mover_matters"].change
    assert rise is not None
    assert rise.value > 0


def test_a_claim_to_be_near_falls_by_passing_what_it_claims(tmp_path: Path) -> None:
    """F(C) moves from 2 below the number claimed to 2.8 above it."""

    def near(by: float) -> tuple[str, Callable[[tuple[Request, ...]], Observations]]:
        claimed = verified(tmp_path).inputs["F(C)"].value + 2
        claim = f"claim near: metric(of=circuit) ~= {claimed:.6f} +- 2"
        text = SPEC.replace("claim mover_matters: effect(of=mover) <= 10%", claim)
        return text, partial(weaker, by=by)

    text, past = near(-4.8)
    evidence, findings = read_evidence(recorded(tmp_path, verified(tmp_path, text)))
    assert evidence is not None, findings
    fell = compared(verified(tmp_path, text, measure=past), evidence)["near"]
    assert fell.finding == "worse"
    assert fell.change is not None
    assert fell.change.value == pytest.approx(0.8, abs=1e-6)
    assert (fell.now or 0) - (fell.then or 0) == pytest.approx(4.8)
    text, nearer = near(-0.8)
    assert compared(verified(tmp_path, text, measure=nearer), evidence)["near"].finding == "held"


def test_one_fall_of_many_may_be_chance(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    now = verified(tmp_path, measure=partial(weaker, by=0.8))
    found = compared(now, evidence)
    tested = [one for one in found.values() if one.p is not None]
    assert all(one.adjusted is not None and one.p is not None for one in tested)
    assert min(one.adjusted or 0 for one in tested) == pytest.approx(
        len(tested) * min(one.p or 0 for one in tested)
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("mean(corrupt=abc, by=prompt)", "zero", "`ablation` is zero, and mean("),
        ("    examples = 40\n", "    examples = 40\n    positions = all\n", "`positions` is all"),
        ("  keep mlps\n", "", "`keep mlps` is not stated, and stated in the evidence"),
        ("metric logit_diff(", "metric prob_diff(", "`metric` is prob_diff, and logit_diff in"),
        ("seed = 3", "seed = 4", "`seed` is 4, and 3 in the evidence"),
    ],
)
def test_other_definitions_are_not_compared(tmp_path: Path, old: str, new: str, told: str) -> None:
    baseline = Baseline(then(tmp_path))
    (found,) = objections(verified(tmp_path, SPEC.replace(old, new)), baseline)
    assert found.code == "different-definitions"
    assert told in found.message


def test_another_measure_under_the_same_name_is_not_compared(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    other = SPEC.replace("faithfulness(as=ratio) >= 50%", "faithfulness(as=normalized) >= 50%")
    found = compared(verified(tmp_path, other), evidence)
    assert found["faithful"].finding == "not compared"
    assert "F(C) / F(M)" in found["faithful"].reason


def test_other_prompts_are_not_compared(tmp_path: Path) -> None:
    baseline = Baseline(then(tmp_path))
    (found,) = objections(replace(verified(tmp_path), data_digest="ee" * 32), baseline)
    assert found.message.startswith("`task` makes other prompts")
    (found,) = objections(verified(tmp_path, SPEC.replace("seed = 3", "seed = 4")), baseline)
    assert found.help == "write `--examples 40 --seed 3`"
    assert objections(verified(tmp_path), baseline) == ()


def test_claims_that_one_side_lacks_are_named(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    old, new = "claim minimal: minimality() >= 1%", "claim lean: complement() <= 90%"
    now = verified(tmp_path, SPEC.replace(old, new))
    found = Baseline(evidence).regressions(now)
    assert (found.new, found.gone) == (("lean",), ("minimal",))
    shown = "\n".join(regression_lines(found))
    assert "not in the evidence: lean" in shown
    assert "only in the evidence: minimal" in shown


def test_a_claim_that_is_called_otherwise_falls_all_the_same(tmp_path: Path) -> None:
    """Neither a new name nor a lower bound beside it hides a fall."""
    evidence = then(tmp_path)
    text = SPEC.replace(
        "claim faithful: faithfulness(as=ratio) >= 50%", "claim kept: faithfulness(as=ratio) >= 1%"
    )
    now = verified(tmp_path, text, measure=partial(weaker, by=0.8))
    found = Baseline(evidence).regressions(now)
    fall = next(one for one in found.fallen if one.claim.name == "kept")
    plain = compared(verified(tmp_path, measure=partial(weaker, by=0.8)), evidence)["faithful"]
    assert fall.was == "faithful"
    assert (fall.then, fall.now, fall.change, fall.p) == (
        plain.then,
        plain.now,
        plain.change,
        plain.p,
    )
    assert (found.new, found.gone) == ((), ())
    assert "faithful in the evidence" in "\n".join(regression_lines(found))


def test_a_role_that_is_called_otherwise_is_the_same_by_its_members(tmp_path: Path) -> None:
    """Also where the claim about it, and the part that a search found, speak of the role."""
    evidence = then(tmp_path)
    now = verified(tmp_path, SPEC.replace("mover", "shifter"))
    found = Baseline(evidence).regressions(now)
    assert [(one.before, one.after) for one in found.roles] == [("mover", "shifter")]
    findings = {one.claim.name: (one.was, one.finding) for one in found.regressions}
    assert findings["shifter_matters"] == ("mover_matters", "same")
    assert {finding for _, finding in findings.values()} == {"same"}
    assert (found.new, found.gone) == ((), ())
    assert "role shifter is mover in the evidence" in "\n".join(regression_lines(found))


def test_a_role_of_other_members_under_another_name_is_another_role(tmp_path: Path) -> None:
    evidence = then(tmp_path)
    text = SPEC.replace("mover", "shifter").replace("head a9.h6\n    head a9.h9", "head a8.h1")
    found = Baseline(evidence).regressions(verified(tmp_path, text))
    assert found.roles == ()
    assert (found.new, found.gone) == (("shifter_matters",), ("mover_matters",))


def test_each_claim_of_the_evidence_stands_beside_one_claim(tmp_path: Path) -> None:
    """A claim made twice is new once, and one that has its name is not taken by another."""
    evidence = then(tmp_path)
    claim = "claim faithful: faithfulness(as=ratio) >= 50%"
    twice = SPEC.replace(claim, f"claim again: faithfulness(as=ratio) >= 40%\n  {claim}")
    found = Baseline(evidence).regressions(verified(tmp_path, twice))
    assert (found.new, found.gone) == (("again",), ())
    assert {one.was for one in found.regressions} == {c.name for c in evidence.circuit.claims}

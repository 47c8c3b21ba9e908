"""Claims judged in looks, on numbers that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.pipeline.looks import Judged, judge_in_looks, judge_once
from circuitlang.plan.request import Composition, Evaluation, RepeatedTokens, Request
from circuitlang.plan.variant import MODEL, circuit_variant
from circuitlang.report.reuse import Reuse
from circuitlang.score.verdict import Look
from tests.pipeline.lab import Lab
from tests.plan.circuits import circuit, claim

MOST = 128
TEMPLATES = tuple("ab" * (MOST // 2))
NOISE = np.random.default_rng(12).normal(0, 1, (2, MOST))


def metric(name: str, bound: float, comparator: str = ">=") -> Claim:
    made = claim("metric(of=model)", ">=", bound, name=name)
    return replace(made, comparator=comparator)  # type: ignore[arg-type]


SURE = metric("sure", -40)
NEAR = metric("near", 3.55)
WRONG = metric("wrong", 40)
ON_IT = metric("on_it", 4.0)
GREEDY = claim("completeness(search=greedy(2))", "<=", 0.9, name="greedy", percent=True)
REPEATS = claim("induction(role=mover, over=min, length=8, examples=6)", ">=", 0.1, name="repeats")


def number(request: Request, i: int) -> float:
    """The model at 4, the circuit a little less, nothing at 0; attention of one half."""
    match request:
        case Evaluation(variant=variant) if variant == MODEL:
            return float(4 + NOISE[0, i])
        case Evaluation(variant=variant) if variant == circuit_variant(circuit(SURE)):
            return float(3.9 + NOISE[0, i] + 0.1 * NOISE[1, i])
        case Evaluation():
            return float(0.1 * NOISE[1, i])
        case _:
            return 0.5


def looked(
    *claims: Claim, examples: int = 16, **policy: Any
) -> tuple[Judged, Lab, list[Look | None], Circuit]:
    hypothesis = circuit(*claims, examples=examples, **policy)
    lab, announced = Lab(TEMPLATES, number), list[Look | None]()
    judged = judge_in_looks(hypothesis, None, TEMPLATES, lab, lambda needs: {}, announced.append)
    return judged, lab, announced, hypothesis


def outcomes(judged: Judged) -> Mapping[str, tuple[str, int | None]]:
    return {
        v.claim.name: (v.outcome, None if v.look is None else v.look.examples)
        for v in judged.verdicts
    }


def test_each_claim_stops_where_it_is_decided() -> None:
    judged, lab, announced, _ = looked(SURE, NEAR, WRONG, family="none")
    found = outcomes(judged)
    assert found["sure"] == ("pass", 16)
    assert found["wrong"] == ("fail", 16)
    outcome, examples = found["near"]
    assert outcome == "pass"
    assert examples is not None
    assert examples > 16
    assert [look.examples for look in announced if look] == [
        look.examples for look in judged.looks if look.examples <= examples
    ]
    assert all(indices is not None and max(indices) < examples for _, indices in lab.ran)


def test_no_example_is_run_twice_for_a_request() -> None:
    _, lab, _, _ = looked(SURE, ON_IT)
    seen: dict[Request, list[int]] = {}
    for request, indices in lab.ran:
        seen.setdefault(request, []).extend(indices or ())
    assert seen[Evaluation(MODEL)] == list(range(MOST))
    assert all(len(set(indices)) == len(indices) for indices in seen.values())


def test_a_claim_that_sits_on_its_bound_is_inconclusive_at_the_last_look() -> None:
    judged, _, _, _ = looked(ON_IT)
    (verdict,) = judged.verdicts
    assert (verdict.outcome, verdict.n) == ("inconclusive", MOST)
    assert verdict.look == judged.looks[-1]
    assert len(verdict.chances) == len(judged.looks)
    assert "would" in verdict.reasons[0]


def test_a_later_look_is_what_was_declared_and_no_more() -> None:
    judged, _, _, hypothesis = looked(ON_IT)
    (verdict,) = judged.verdicts
    assert verdict.confidence == pytest.approx(judged.looks[-1].confidence)
    assert verdict.confidence > hypothesis.policy.confidence
    assert [look.examples for look in judged.looks] == [16, 32, 64, 128]


def test_a_family_asks_for_more_looks_than_a_claim_alone() -> None:
    alone, _, _, _ = looked(NEAR, resamples=200)
    others = [metric(f"on_it_{i}", 4.0) for i in range(100)]
    together, _, _, _ = looked(NEAR, *others, resamples=200)
    first, last = outcomes(alone)["near"][1], outcomes(together)["near"][1]
    assert first is not None
    assert last is not None
    assert last > first
    verdict = together.verdicts[0]
    assert verdict.p is not None
    assert verdict.adjusted is not None
    assert verdict.adjusted == pytest.approx(101 * verdict.p)


def test_what_more_examples_are_no_use_to_is_judged_once_and_as_without_looks() -> None:
    judged, lab, announced, hypothesis = looked(GREEDY, REPEATS)
    assert outcomes(judged) == {
        "greedy": (judged.verdicts[0].outcome, None),
        "repeats": ("pass", None),
    }
    assert announced == [None]
    assert set(judged.fixed) == {"greedy", "repeats"}
    assert all(
        indices is None
        if isinstance(request, RepeatedTokens | Composition)
        else max(indices or ()) < 16
        for request, indices in lab.ran
    )
    plain = judge_once(hypothesis, None, Lab(TEMPLATES[:16], number), lambda needs: {})
    assert [(v.outcome, v.estimate, v.p) for v in plain.verdicts] == [
        (v.outcome, v.estimate, v.p) for v in judged.verdicts
    ]


def test_a_vacuous_claim_goes_on_where_more_examples_may_meet_its_covers() -> None:
    weak = claim("effect(of=mover)", "<=", -0.1, name="weak", percent=True)

    def faint(request: Request, i: int) -> float:
        """A model that is barely better than nothing."""
        model = isinstance(request, Evaluation) and request.variant == MODEL
        return float((0.8 if model else 0.0) + NOISE[0, i] * (1 if model else 0.1))

    lab = Lab(TEMPLATES, faint)
    judged = judge_in_looks(
        circuit(weak, examples=16), None, TEMPLATES, lab, lambda needs: {}, lambda look: None
    )
    first = judge_in_looks(
        circuit(weak, examples=16), None, TEMPLATES[:16], lab, lambda needs: {}, lambda look: None
    )
    assert first.verdicts[0].outcome in ("vacuous", "pass")
    assert judged.verdicts[0].outcome == "pass"
    assert judged.verdicts[0].n > 16


def test_reuse_is_told_for_each_claim_where_it_stopped() -> None:
    asked: list[set[str]] = []

    def told(needs: Mapping[str, object]) -> Mapping[str, Reuse]:
        asked.append(set(needs))
        return {}

    judge_in_looks(
        circuit(SURE, ON_IT, examples=16, family="none"),
        None,
        TEMPLATES,
        Lab(TEMPLATES, number),
        told,
        lambda look: None,
    )
    assert asked == [{"sure", "on_it"}, {"on_it"}, {"on_it"}, {"on_it"}]

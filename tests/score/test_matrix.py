"""The cells of a matrix, where arithmetic says what they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.observations import Observation
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sensitivity import ESTIMATORS, Matrix, Setting, matrix_of
from circuitlang.plan.variant import MODEL, Version, empty_variant
from circuitlang.score.matrix import sensitivity
from circuitlang.score.score import score
from circuitlang.score.sensitivity import Cell, Sensitivity
from tests.plan.circuits import claim
from tests.plan.test_sensitivity import spec

RATIO = claim("faithfulness(as=ratio)", ">=", 0.8, name="ratio", percent=True)
N = 12
# The model: two kinds of examples, so that the two estimators differ.
WHOLE = [1.0, 4.0] * (N // 2)
# What every setting keeps, by its ablation: of small and of large examples.
KEPT = {"zero": (0.0, 0.0), "mean": (1.0, 1.0), "resample": (1.0, 0.5), "counterfactual": (0, 1)}


def answers(matrix: Matrix, whole: Sequence[float] = WHOLE) -> dict[Request, Observation]:
    """Edges keep half of what nodes keep; positions make no difference."""
    clusters = ("t",) * len(whole)
    found: dict[Request, Observation] = {Evaluation(MODEL): Observation(tuple(whole), clusters)}
    for setting in matrix.settings:
        small, large = KEPT[setting.ablation]
        scale = 1.0 if setting.granularity == "nodes" else 0.5
        kept = [scale * (large if i % 2 else small) * x for i, x in enumerate(whole)]
        for request in matrix.requests_under(setting):
            if request != Evaluation(MODEL):
                found[request] = Observation(tuple(kept), clusters)
    return found


def matrix(one: Claim = RATIO) -> Matrix:
    return matrix_of(spec(one), "all")


def cell(of: Sensitivity, granularity: str, ablation: str, estimator: str) -> Cell:
    return next(
        c
        for c in of.cells
        if (c.granularity, c.ablation, c.positions, c.estimator)
        == (granularity, ablation, "named", estimator)
    )


# With F(M) of 1 and 4: all of the small ones is 1/5 of the means and 1/2 of the ratios.
EXPECTED = {
    ("zero", "ratio of means"): 0.0,
    ("zero", "mean of ratios"): 0.0,
    ("mean", "ratio of means"): 1.0,
    ("mean", "mean of ratios"): 1.0,
    ("resample", "ratio of means"): (1 + 0.5 * 4) / 5,
    ("resample", "mean of ratios"): (1 + 0.5) / 2,
    ("counterfactual", "ratio of means"): 4 / 5,
    ("counterfactual", "mean of ratios"): 1 / 2,
}


@pytest.mark.parametrize("granularity", ["nodes", "edges"])
@pytest.mark.parametrize(("ablation", "estimator"), EXPECTED, ids=str)
def test_every_cell_is_what_arithmetic_says(
    granularity: str, ablation: str, estimator: str
) -> None:
    (found,) = sensitivity(matrix(), answers(matrix()))
    one = cell(found, granularity, ablation, estimator)
    scale = 1.0 if granularity == "nodes" else 0.5
    assert one.estimate is not None
    assert one.estimate.value == pytest.approx(scale * EXPECTED[ablation, estimator], abs=1e-12)
    assert one.n == N


def test_the_own_cell_is_the_claim_itself() -> None:
    noisy = [x + 0.3 * math.sin(i) for i, x in enumerate(WHOLE)]
    asked = matrix()
    found = answers(asked)
    kept = replace(next(o for r, o in found.items() if r != Evaluation(MODEL)), values=(*noisy,))
    found = {r: o if r == Evaluation(MODEL) else kept for r, o in found.items()}
    (made,) = sensitivity(asked, found)
    bare = replace(asked.circuit, policy=replace(asked.circuit.policy, cover=None, family="none"))
    covers: dict[Request, Observation] = {
        Evaluation(one.variant): kept for one in found if isinstance(one, Evaluation)
    }
    (verdict,) = score(bare, {**covers, **found, **_empty(bare)}, date(2026, 12, 1))
    assert made.own.estimate == verdict.estimate
    assert made.own.estimate is not None
    assert made.own.estimate.interval.low < made.own.estimate.interval.high


def _empty(circuit_: Circuit) -> dict[Request, Observation]:
    nothing = Observation((0.0,) * N, ("t",) * N)
    return {Evaluation(empty_variant(circuit_)): nothing}


def test_flips_are_told_from_the_own_cell() -> None:
    (found,) = sensitivity(matrix(), answers(matrix()))
    assert [c.estimator for c in found.cells if c.own] == ["ratio of means"]
    assert (found.own.outcome, found.own.flips) == ("pass", False)
    whole = {c.outcome for c in found.cells if c.granularity == "nodes" and c.ablation == "mean"}
    assert whole == {"pass"}
    assert all(c.flips for c in found.cells if c.granularity == "edges")
    assert len(found.measured) == 32
    assert sum(found.flips_to.values()) == len(found.flips)
    assert found.flips_to["fail"] == sum(c.outcome == "fail" for c in found.cells)


def test_no_claim_is_vacuous_in_a_cell() -> None:
    """Nothing is known of covers there: what is compared is the number."""
    (found,) = sensitivity(matrix(), answers(matrix()))
    assert {c.outcome for c in found.cells} <= {"pass", "fail", "inconclusive"}


def test_a_denominator_near_zero_is_counted_and_kept() -> None:
    whole = [0.01, *[1.0] * (N - 1)]
    (found,) = sensitivity(matrix(), answers(matrix(), whole))
    of_ratios = cell(found, "nodes", "mean", "mean of ratios")
    assert (of_ratios.near_zero, of_ratios.n) == (1, N)
    assert cell(found, "nodes", "mean", "ratio of means").near_zero == 0


def test_a_denominator_of_zero_is_an_error_and_no_example_less() -> None:
    whole = [0.0, *[1.0] * (N - 1)]
    (found,) = sensitivity(matrix(), answers(matrix(), whole))
    one = cell(found, "nodes", "mean", "mean of ratios")
    assert (one.outcome, one.estimate, one.n) == ("error", None, N)
    assert one.reason is not None
    assert "not a finite number on 1 of 12 examples" in one.reason


def test_normalized_is_taken_example_by_example() -> None:
    asked = matrix(claim("faithfulness(as=normalized)", ">=", 0.8, name="n", percent=True))
    found = answers(asked)
    setting = next(s for s in asked.settings if asked.own(s))
    assert setting.circuit is not None
    whole, kept, empty = [1.0, 4.0] * 6, [1.0, 2.0] * 6, [0.5, 0.0] * 6
    for request, values in zip(
        dict.fromkeys(asked.requests_under(setting)), (whole, kept, empty), strict=True
    ):
        found[request] = Observation(tuple(values), ("t",) * N)
    (made,) = sensitivity(asked, found)
    means = cell(made, "nodes", "mean", "ratio of means").estimate
    ratios = cell(made, "nodes", "mean", "mean of ratios").estimate
    assert means is not None
    assert means.value == pytest.approx((1.5 - 0.25) / (2.5 - 0.25))
    assert ratios is not None
    assert ratios.value == pytest.approx((1.0 + 0.5) / 2)


@pytest.mark.parametrize("how", ["gap", "kl"])
def test_a_measure_that_is_no_ratio_has_one_estimator(how: str) -> None:
    asked = matrix(claim(f"faithfulness(as={how})", "<=", 0.5, name="one"))
    (found,) = sensitivity(asked, answers(asked))
    by_estimator = {e: [c for c in found.cells if c.estimator == e] for e in ESTIMATORS}
    assert all(c.possible for c in by_estimator["ratio of means"])
    assert {c.reason for c in by_estimator["mean of ratios"]} == {
        f"`faithfulness(as={how})` is no ratio and has one estimator"
    }
    assert not any(c.flips for c in by_estimator["mean of ratios"])


def test_a_cell_that_is_not_possible_keeps_its_place_and_its_reason() -> None:
    asked = matrix_of(spec(RATIO), obstacles={"resample": "no donors"})
    (found,) = sensitivity(asked, answers(asked))
    lost = [c for c in found.cells if not c.possible]
    assert len(found.cells) == 32
    assert [c.reason for c in lost] == ["no donors"] * 8
    assert all(c.estimate is None and not c.flips for c in lost)


def test_parts_are_folded_as_they_are_in_the_claim() -> None:
    asked = matrix(claim("completeness(search=roles)", "<=", 0.5, name="complete", percent=True))
    (found,) = sensitivity(asked, _halved(asked))
    # |C∖K − M∖K| / M is 1/4 for small and 3/4 for large examples, whatever K.
    means = cell(found, "nodes", "mean", "ratio of means").estimate
    ratios = cell(found, "nodes", "mean", "mean of ratios").estimate
    assert means is not None
    assert means.value == pytest.approx((0.25 * 1 + 0.75 * 4) / 5)
    assert ratios is not None
    assert ratios.value == pytest.approx(0.5)


def _halved(asked: Matrix) -> dict[Request, Observation]:
    found: dict[Request, Observation] = {}
    for request in asked.requests():
        assert isinstance(request, Evaluation)
        values = WHOLE
        if request.variant != MODEL:
            kept = (0.75, 0.25) if request.variant.default is Version.ABLATED else (1.0, 1.0)
            values = [kept[i % 2] * x for i, x in enumerate(WHOLE)]
        found[request] = Observation(tuple(values), ("t",) * N)
    return found


def test_settings_are_looked_up_under_their_own_ablation() -> None:
    asked = matrix()
    known = answers(asked)

    def seen(setting: Setting) -> float:
        requests = [r for r in asked.requests_under(setting) if r != Evaluation(MODEL)]
        (one,) = requests
        assert isinstance(one, Evaluation)
        return asked.seen(setting, known)[one._replace(ablation=None)].mean

    values = {s.ablation: seen(s) for s in asked.settings if s.granularity == "nodes"}
    assert values == {"zero": 0.0, "mean": 2.5, "resample": 1.5, "counterfactual": 2.0}

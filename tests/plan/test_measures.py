from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Claim
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Measure, Statistic
from circuitlang.plan.measures.minimality import classify
from tests.plan.circuits import CALLS, circuit, claim

calls = pytest.mark.parametrize("call", CALLS, ids=lambda c: str(c.measure))


def statistic(call: Claim) -> Statistic:
    return MEASURES[call.measure.name].statistic(circuit(), call.measure.arguments)


def test_the_calls_below_reach_every_measure() -> None:
    assert {call.measure.name for call in CALLS} == set(MEASURES)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda m: m.name)
def test_defaults_are_values_that_may_be_written(measure: Measure) -> None:
    for p in measure.parameters:
        if p.kind == "integer" and isinstance(p.default, int):
            assert p.bounds[0] <= p.default <= p.bounds[1]
        if p.kind in ("choice", "search"):
            assert p.choices
            assert p.required or str(p.default) in p.choices


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda m: m.name)
def test_every_choice_has_a_formula_of_its_own(measure: Measure) -> None:
    listed = [p for p in measure.parameters if p.choices]
    rest = {p.name: p.name.upper() for p in measure.parameters if not p.choices}
    formulas = [
        measure.formula({**rest, **dict(zip([p.name for p in listed], combination, strict=True))})
        for combination in product(*(p.choices for p in listed))
    ]
    assert all(formulas)
    assert len(set(formulas)) == len(formulas)
    assert measure.summary.endswith(".")


@calls
@pytest.mark.parametrize("granularity", ["nodes", "edges"])
def test_a_statistic_reads_what_was_requested(call: Claim, granularity: str) -> None:
    hypothesis = circuit(granularity=granularity, keep_mlps=True)  # type: ignore[arg-type]
    measure = MEASURES[call.measure.name]
    labels = measure.requests(hypothesis, call.measure.arguments)
    found = measure.statistic(hypothesis, call.measure.arguments)
    means = dict.fromkeys(labels, 1.0) | ({"M": 2.0} if "M" in labels else {})
    combines = [*found.parts.values(), *found.inputs.values()]
    combines += [f for inputs in found.part_inputs.values() for f in inputs.values()]
    assert all(isinstance(combine(means), float) for combine in combines)


@calls
def test_inputs_are_named_as_in_the_formula(call: Claim) -> None:
    formula = MEASURES[call.measure.name].formula(call.measure.arguments)
    assert all(name in formula for name in statistic(call).inputs)


@calls
def test_a_share_of_the_model_asks_for_a_metric_with_a_zero(call: Claim) -> None:
    arguments = call.measure.arguments
    assert MEASURES[call.measure.name].needs_ratio_metric(arguments) == statistic(call).positive


@pytest.mark.parametrize(
    ("call", "means", "expected"),
    [
        (claim("faithfulness(as=ratio)"), {"M": 4.0, "C": 3.0}, {"": 0.75}),
        (
            claim("faithfulness(as=normalized)"),
            {"M": 4.0, "C": 3.0, "∅": 2.0},
            {"": 0.5},
        ),
        (claim("faithfulness(as=gap)"), {"M": 4.0, "C": 3.0}, {"": -1.0}),
        (claim("complement"), {"M": 4.0, "M∖C": 2.5, "∅": 2.0}, {"": 0.25}),
        (
            claim("completeness"),
            {"M": 4.0, "C∖early": 3.0, "M∖early": 1.0, "C∖mover": 0.0, "M∖mover": 1.0},
            {"early": 0.5, "mover": -0.25},
        ),
        (
            claim("minimality"),
            {"M": 4.0, "C": 3.0, "C∖a0.h0": 1.0, "C∖a0.h1": 3.0, "C∖a1.h1": 4.0},
            {"a0.h0": -0.5, "a0.h1": 0.0, "a1.h1": 0.25},
        ),
        (claim("effect(of=early)"), {"M": 4.0, "M∖early": 3.0}, {"": -0.25}),
        (
            claim("effect(of=early, direction=denoising)"),
            {"M": 4.0, "M̃": 2.0, "M̃+early": 2.5},
            {"": 0.25},
        ),
        (
            claim("path_effect(from=early, to=mover, via=v)"),
            {"M": 4.0, "M∖(early→mover.v)": 3.0},
            {"": -0.25},
        ),
    ],
    ids=lambda x: str(x.measure) if isinstance(x, Claim) else "",
)
def test_formulas_by_hand(call: Claim, means: dict[str, float], expected: dict[str, float]) -> None:
    assert {part: f(means) for part, f in statistic(call).parts.items()} == expected


def test_a_role_measure_has_one_part_a_head() -> None:
    found = statistic(claim("attention(role=early, from=S, to=S, over=mean)"))
    assert list(found.parts) == ["a0.h0", "a0.h1"]
    assert found.fold == "mean"


@pytest.mark.parametrize(
    ("low", "high", "bound", "expected"),
    [
        (-0.30, -0.20, 0.1, "load-bearing"),
        (0.20, 0.30, 0.1, "harmful"),
        (-0.05, 0.05, 0.1, "redundant"),
        (-0.15, -0.05, 0.1, "unclear"),
        (0.05, 0.15, 0.1, "unclear"),
        (-0.05, 0.05, 0.0, "unclear"),
        (-0.05, -0.01, 0.0, "load-bearing"),
    ],
)
def test_a_member_is_classed_by_its_whole_interval(
    low: float, high: float, bound: float, expected: str
) -> None:
    assert classify(low, high, bound) == expected


@given(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(lambda pair: (min(pair), max(pair))),
    st.floats(0, 1),
)
def test_turning_the_sign_swaps_the_classes(ends: tuple[float, float], bound: float) -> None:
    mirror = {"load-bearing": "harmful", "harmful": "load-bearing"}
    word = classify(*ends, bound)
    assert classify(-ends[1], -ends[0], bound) == mirror.get(word, word)

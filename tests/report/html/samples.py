"""A report with everything that the page can show, from numbers set by hand."""

from __future__ import annotations

from dataclasses import replace

from circuitlang.plan.sensitivity import ABLATIONS, ESTIMATORS, GRANULARITIES, POSITIONS
from circuitlang.report.pictures import Pattern, Pictures, Prompt
from circuitlang.report.record import Report
from circuitlang.score.sensitivity import Cell, Sensitivity
from circuitlang.score.verdict import Interval, Measured
from tests.plan.circuits import MOVER
from tests.report.reports import CLAIMS, report

PROMPT = Prompt(
    index=3,
    template="given",
    clean=("When", " Mary", " and", " John", " left", ",", " John", " gave", " it", " to"),
    corrupt={
        "abc": ("When", " Anna", " and", " Paul", " left", ",", " Luke", " gave", " it", " to")
    },
    positions={"S": (6,), "END": (9,)},
    answer=(" Mary",),
    against=(" John",),
)
WEIGHTS = (0.2, 0.5, 0.05, 0.05, 0.0, 0.0, 0.1, 0.05, 0.03, 0.02)
PICTURES = Pictures(
    prompts={3: PROMPT},
    patterns=(Pattern("mover", MOVER, prompt=3, query=9, weights=WEIGHTS),),
    worst={"faithful": {3: {"M": 4.1, "C": -0.25}}},
)


def matrix() -> Sensitivity:
    """Faithfulness: the spec's own cell fails, all resampling passes, edges cannot be measured."""
    cells = [
        Cell(
            granularity,
            ablation,
            positions,
            estimator,
            reason="edges take the reference executor",
        )
        if granularity == "edges"
        else Cell(
            granularity,
            ablation,
            positions,
            estimator,
            Measured(0.97, Interval(0.96, 0.99))
            if ablation == "resample"
            else Measured(0.9, Interval(0.89, 0.91)),
            n=20,
            outcome="pass" if ablation == "resample" else "fail",
            own=(ablation, positions, estimator) == ("mean", "named", "ratio of means"),
            flips=ablation == "resample",
        )
        for granularity in GRANULARITIES
        for ablation in ABLATIONS
        for positions in POSITIONS
        for estimator in ESTIMATORS
    ]
    return Sensitivity(CLAIMS[1], "F(C) / F(M)", 0.95, "abc", tuple(cells))


def full() -> Report:
    return replace(report(), sensitivity=(matrix(),), pictures=PICTURES)

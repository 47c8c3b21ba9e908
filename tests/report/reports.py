"""Reports on the small circuit of `tests.plan.circuits`, from numbers set by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from circuitlang.circuit.circuit import Waiver
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import requests_of
from circuitlang.plan.request import Evaluation
from circuitlang.plan.sensitivity import ABLATIONS, ESTIMATORS, GRANULARITIES, POSITIONS
from circuitlang.report.blocked import EXIT_INVALID, EXIT_NOT_MEASURED, Blocked
from circuitlang.report.record import Report
from circuitlang.score.score import score
from circuitlang.score.sensitivity import Cell, Sensitivity
from circuitlang.score.verdict import Interval, Measured
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import Source, Span
from tests.plan.circuits import circuit, claim, covered

SOURCE = """\
edition 1
circuit tiny {
  claim behaves: accuracy(of=model) >= 50%
  claim faithful: faithfulness(as=ratio) >= 95%
  claim complete: completeness(search=roles) <= 35%
  claim minimal: minimality() >= 1% else warn
  claim near: metric(of=circuit) >= 3.61
  claim strong: effect(of=mover) >= -10%
  waive strong until "2027-01-31" because "the mover is known to be weak"
}
"""


def _span(name: str) -> Span:
    start = SOURCE.index(f"claim {name}:") + len("claim ")
    return Span(start, start + len(name))


CLAIMS = (
    claim("accuracy(of=model)", ">=", 0.5, name="behaves", percent=True, span=_span("behaves")),
    claim(
        "faithfulness(as=ratio)", ">=", 0.95, name="faithful", percent=True, span=_span("faithful")
    ),
    claim(
        "completeness(search=roles)",
        "<=",
        0.35,
        name="complete",
        percent=True,
        span=_span("complete"),
    ),
    claim(
        "minimality()",
        ">=",
        0.01,
        name="minimal",
        percent=True,
        severity="warn",
        span=_span("minimal"),
    ),
    claim("metric(of=circuit)", ">=", 3.61, name="near", span=_span("near")),
    claim("effect(of=mover)", ">=", -0.1, name="strong", percent=True, span=_span("strong")),
)
WAIVER = Waiver("strong", "2027-01-31", "the mover is known to be weak")
TINY = circuit(*CLAIMS, waivers=(WAIVER,), source=SOURCE, resamples=500, examples=20)

# One number a label of `requests_of`: what each example has, before a fixed wobble.
MEANS = {
    "accuracy": 1.0,
    "metric": 3.6,
    "M": 4.0,
    "C": 3.6,
    "C∖early": 1.0,
    "M∖early": 1.4,
    "C∖mover": 0.4,
    "M∖mover": 1.2,
    "C∖a0.h0": 1.6,
    "C∖a0.h1": 3.6,
    "C∖a1.h1": 0.4,
    "M∖X": 1.2,
}


def observations(broken: str | None = None) -> Observations:
    """Twenty examples in one template; ``broken`` names the label whose third is not a number."""
    found = {}
    for one in TINY.claims:
        for label, request in requests_of(TINY, one).items():
            wobble = 0.0 if label == "accuracy" else 0.05
            values = [MEANS[label] + wobble * (i % 5 - 2) for i in range(20)]
            if label == broken:
                values[2] = float("nan")
            found[request] = Observation(tuple(values), ("t",) * 20, 0.25)
    return covered(TINY, found)


def report(observed: Observations | None = None) -> Report:
    found = observations() if observed is None else observed
    return Report(
        path="specs/tiny.circuit",
        circuit=TINY,
        verdicts=score(TINY, found, date(2026, 12, 1)),
        examples=20,
        model_digest="ab12",
        data_digest="cd34",
        versions={"torch": "2.13.0", "python": "3.11.7"},
        preflight=("logits agree with transformers",),
        seconds=75.2,
    )


def with_matrix() -> Report:
    """With a matrix of two claims, the second of one estimator; half of its cells not possible."""
    own = Cell("nodes", "mean", "named", "ratio of means", Measured(0.9, Interval(0.85, 0.95)), 20)
    cells = [
        replace(
            own,
            granularity=granularity,
            ablation=ablation,
            positions=positions,
            estimator=estimator,
            outcome="pass",
        )
        for granularity in GRANULARITIES
        for ablation in ABLATIONS
        for positions in POSITIONS
        for estimator in ESTIMATORS
    ]
    lost = {"estimate": None, "n": 0, "outcome": None}
    first = [
        replace(cell, **lost, reason="the file declares no edges")  # type: ignore[arg-type]
        if cell.granularity == "edges"
        else replace(cell, own=True)
        if (cell.ablation, cell.positions, cell.estimator) == ("mean", "named", "ratio of means")
        else replace(cell, outcome="fail", flips=True, estimate=FAR)
        if cell.ablation == "zero"
        else replace(cell, near_zero=int(cell.estimator == "mean of ratios"))
        for cell in cells
    ]
    second = [
        replace(cell, **lost, reason="`gap` is no ratio")  # type: ignore[arg-type]
        if cell.estimator == "mean of ratios"
        else replace(cell, outcome="error", estimate=None, flips=True, reason="F(C) is not finite")
        if cell.ablation == "resample"
        else replace(cell, own=_policy(cell) == ("nodes", "mean", "named"))
        for cell in cells
    ]
    matrices = (
        Sensitivity(CLAIMS[1], "F(C) / F(M)", 0.95, "abc", tuple(first)),
        Sensitivity(CLAIMS[4], "|F(C) - F(M)|", 0.95, None, tuple(second)),
    )
    return replace(report(), sensitivity=matrices)


def _policy(cell: Cell) -> tuple[str, str, str]:
    return cell.granularity, cell.ablation, cell.positions


# As a mean of ratios may be.
FAR = Measured(-123.45, Interval(-234.5, 345.6))


def vacuous() -> Report:
    """One claim, which a random circuit passes as well."""
    found = {
        request: Observation((3.9,) * 20, ("t",) * 20)
        if isinstance(request, Evaluation) and request.examples
        else seen
        for request, seen in observations().items()
    }
    spec = replace(TINY, claims=(replace(CLAIMS[1], threshold=0.8),))
    return replace(report(), circuit=spec, verdicts=score(spec, found, date(2026, 12, 1)))


# What a stranger may write where text is free: ends of lines, quotes, markup, commands, and
# characters that XML or a terminal refuses.
NASTY = (
    "a|b`c`\n::error::<b>&amp; @all [x](y) http://a.b www.c.d ]]> "
    "\x00\x1b[31m\r\ufffe\u202e\udc80 \U0001f600 %0A,:"
)


def nasty() -> Report:
    """A claim that is waived, a path and a model with such text in them."""
    waiver = Waiver("strong", "2027-01-31", NASTY)
    spec = replace(TINY, waivers=(waiver,), model=replace(TINY.model, source=NASTY))
    verdicts = score(spec, observations(), date(2026, 12, 1))
    return replace(report(), path=NASTY, circuit=spec, verdicts=verdicts)


def invalid() -> Blocked:
    """A spec with two errors in it."""
    source = Source("edition 1\ncircuit a {\n  claim b: c >= 1\n}\n", "specs/bad.circuit")
    first = Diagnostic("unknown-measure", "there is no measure `c`", Span(33, 34), help="write `d`")
    second = Diagnostic("missing-model", "`a` names no model", Span(18, 19))
    return Blocked("specs/bad.circuit", Findings(source, (first, second)), EXIT_INVALID)


def without_model() -> Blocked:
    """A sound spec whose model is not at hand."""
    source = Source('edition 1\ncircuit a {\n  model "hf:a/b"\n}\n', "specs/far.circuit")
    missing = Diagnostic("model-not-found", "the model `hf:a/b` is not here", Span(24, 38))
    return Blocked("specs/far.circuit", Findings(source, (missing,)), EXIT_NOT_MEASURED)

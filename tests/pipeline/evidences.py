"""Evidence of a small circuit, from numbers set by hand: no model is needed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.pipeline.compile import compile_source
from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.canonical import Canon
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sensitivity import NO_OBSTACLES, Obstacles, Which, matrix_of
from circuitlang.plan.variant import MODEL
from circuitlang.report.evidence import evidence, seal
from circuitlang.report.record import Report
from circuitlang.score.matrix import sensitivity
from circuitlang.score.score import score
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import Source

Content = dict[str, Any]
Edit = Callable[[Content], object]

TODAY = date(2026, 11, 1)
NAMES = ("Ann", "Bob", "Carl", "Dora", "Ewa", "Finn", "Gus", "Hal", "Ida", "Jo")
TEMPLATES = ("p",) * 40

SPEC = """\
edition 1

circuit small {
  model "hf:openai-community/gpt2"
  task {
    words name from "names.txt"
    prompt p "{A:name} met {B:name}, and {B2=B} spoke to"
    corrupt abc resample A, B
    position END last
    metric logit_diff(answer=A, against=B) at END
  }
  policy {
    ablation = mean(corrupt=abc, by=prompt)
    examples = 40
    seed = 3
    resamples = 400
    cover = none
  }
  keep mlps
  role mover at END attending any {
    head a9.h6
    head a9.h9
  }
  role early at END attending any { head a3.h0 }
  edge input -> early
  edge early -> mover via q
  edge mover -> logits
  claim faithful: faithfulness(as=ratio) >= 50%
  claim minimal: minimality() >= 1% else warn
  claim greedy: completeness(search=greedy(2)) <= 100%
  claim mover_matters: effect(of=mover) <= 10%
}
"""


def waived(until: str) -> str:
    """The same text with a claim waived that fails."""
    waiver = f'  waive mover_matters until "{until}" because "it is known"\n'
    text = SPEC.replace("effect(of=mover) <= 10%", "effect(of=mover) <= -90%")
    return text.removesuffix("}\n") + waiver + "}\n"


def answers(requests: tuple[Request, ...], shift: float = 0.0) -> Observations:
    """A number an example that the request and the example determine, around 4 for the whole model
    and less where something is ablated."""
    canon = Canon()

    def numbers(request: Request) -> Observation:
        text = canon.text(request)
        of = random.Random(text)
        centre = 4.0 if request == Evaluation(MODEL) else 2.0 + of.random()
        every = random.Random("example")
        values = [centre + shift + every.gauss(0, 1) + of.gauss(0, 0.1) for _ in TEMPLATES]
        return Observation(tuple(values), TEMPLATES)

    found = {}
    for request in requests:
        one = numbers(request)
        half = getattr(request, "half", None)
        if half is not None:
            start = 0 if half == "search" else 1
            one = Observation(one.values[start::2], one.clusters[start::2])
        found[request] = one
    return found


def verified(
    folder: Path,
    text: str = SPEC,
    measure: Callable[[tuple[Request, ...]], Observations] = answers,
) -> Report:
    """The report that a verification of ``text`` in ``folder`` gives on such numbers."""
    (folder / "names.txt").write_text("\n".join(NAMES))
    circuit = compile_source(Source(text, "small.circuit"), folder, TODAY).circuit
    assert circuit is not None
    observations = observe(circuit, None, measure)
    return Report(
        path="small.circuit",
        circuit=circuit,
        verdicts=score(circuit, observations, TODAY),
        examples=len(TEMPLATES),
        model_digest="ab" * 32,
        data_digest="cd" * 32,
        versions={"python": "3.11", "torch": "2.13.0"},
        preflight=("fine",),
        observations=observations,
        needs=make_plan(circuit, None, observations).needs,
    )


def with_matrix(
    folder: Path, which: Which = "faithfulness", obstacles: Obstacles = NO_OBSTACLES
) -> Report:
    """The same with a sensitivity matrix, whose cells read such numbers too."""
    report = verified(folder)
    matrix = matrix_of(report.circuit, which, obstacles=obstacles)
    observations = observe(report.circuit, None, answers, matrix)
    cells = sensitivity(matrix, observations)
    return replace(report, observations=observations, sensitivity=cells)


def recorded(folder: Path, report: Report | None = None) -> Path:
    path = folder / "small.evidence.json"
    path.write_text(evidence(report or verified(folder), TODAY))
    return path


def edit(path: Path, change: Edit, *, sealed: bool = False) -> Path:
    """The file with a change made to it, and sealed again if asked for."""
    content = json.loads(path.read_text())
    change(content)
    if sealed:
        content["seal"] = seal(content)
    path.write_text(json.dumps(content))
    return path


def refusal(path: Path, today: date = TODAY) -> Diagnostic:
    """Why evidence is refused, where one thing is said."""
    found, findings = read_evidence(path, today)
    assert found is None
    (problem,) = findings.diagnostics
    return problem

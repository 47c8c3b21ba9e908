"""Evidence of a small circuit, from numbers set by hand: no model is needed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from circuitlang.pipeline.compile import compile_source
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.canonical import Canon
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL
from circuitlang.report.evidence import evidence
from circuitlang.report.record import Report
from circuitlang.score.score import score
from circuitlang.syntax.source import Source

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


def recorded(folder: Path, report: Report | None = None) -> Path:
    path = folder / "small.evidence.json"
    path.write_text(evidence(report or verified(folder), TODAY))
    return path


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path

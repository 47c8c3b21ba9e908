"""Numbers of a real run to draw from: `python -m bench.calibrate.record [--examples 2048]`.

Runs the circuit of `specs/ioi_smollm2.circuit` on many prompts once, and keeps one number a prompt
and run in `bench/data/ioi_smollm2.json`. `make calibrate` reads the file and needs no model.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import Progress

from bench.calibrate import calls
from circuitlang.circuit.circuit import MeasureCall
from circuitlang.model.opened import Models
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.request import Request
from circuitlang.report.write import write_whole
from circuitlang.run import sparse
from circuitlang.run.preflight import preflight
from circuitlang.task.build import build_dataset

RECORD = calls.ROOT / "bench" / "data" / "ioi_smollm2.json"
RECORDED: tuple[MeasureCall, ...] = (
    calls.RATIO,
    calls.NORMALIZED,
    calls.GAP,
    calls.KL,
    calls.EFFECT,
    calls.ATTENTION,
    calls.ACCURACY,
)
# Digits of a number: its rounding is far below what examples differ by.
_DIGITS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RECORD)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    text = record(options.examples, Console())
    write_whole(options.out, text)
    print(f"{options.out}: {len(text) / 1e3:.0f} kB in {time.perf_counter() - started:.0f} s")


def record(examples: int, console: Console) -> str:
    """The JSON text. Raises ValueError where the model or its data cannot be had."""
    circuit, models = calls.hypothesis(), Models()
    prospect, problems = models.survey(circuit.model, calls.SPEC.parent, "cpu")
    if prospect is None:
        raise ValueError(problems[0].message)
    dataset, found = build_dataset(
        circuit.task,
        prospect.tokenizer,
        examples,
        circuit.policy.seed,
        context=prospect.shape.context,
    )
    decoder, problems = models.load(prospect)
    if dataset is None or decoder is None:
        raise ValueError((*found, *problems)[0].message)
    if failures := preflight(decoder, dataset):
        raise ValueError(failures[0].message)
    requests: dict[str, Request] = {}
    for asked in RECORDED:
        requests |= MEASURES[asked.name].requests(circuit, asked.arguments)
    with Progress(console=console) as progress:
        task = progress.add_task("measuring", total=None)
        observed = sparse.run(
            tuple(dict.fromkeys(requests.values())),
            decoder,
            dataset,
            ablation=circuit.policy.ablation,
            seed=circuit.policy.seed,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    templates = [example.template for example in dataset.examples]
    names = list(dict.fromkeys(templates))
    about = {
        "what": "one number a prompt and run, for the labels of the measures' own formulas",
        "made_by": "python -m bench.calibrate.record",
        "spec": calls.SPEC.name,
        "model": prospect.digest,
        "data": dataset.digest,
        "date": date.today().isoformat(),
        "digits": _DIGITS,
        "template_names": names,
        "templates": [names.index(template) for template in templates],
    }
    values = {
        label: [float(f"{x:.{_DIGITS}g}") for x in observed[request].values]
        for label, request in requests.items()
    }
    head = json.dumps(about, ensure_ascii=False)[:-1]
    lines = ",\n".join(
        f"{json.dumps(label, ensure_ascii=False)}: {json.dumps(listed, separators=(',', ':'))}"
        for label, listed in values.items()
    )
    return f'{head},\n"values": {{\n{lines}\n}}}}\n'


if __name__ == "__main__":
    main()

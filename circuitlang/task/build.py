"""From a task to its examples: the one public function of this room."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from types import MappingProxyType

from circuitlang.circuit.circuit import FileData, GeneratedData, PromptData, TaskSpec
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic, has_errors
from circuitlang.task.align import check_alignment
from circuitlang.task.dataset import Dataset, Example, Tokens
from circuitlang.task.draft import Draft
from circuitlang.task.generate import draft_generated
from circuitlang.task.given import draft_lines
from circuitlang.task.positions import Named, resolve_all
from circuitlang.task.prompts import draft_prompts
from circuitlang.task.target import Targets, make_targets
from circuitlang.task.tokenizer import Tokenizer

Drafts = tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]


def build_dataset(
    task: TaskSpec,
    tokenizer: Tokenizer,
    examples: int,
    seed: int,
    *,
    least: int | None = None,
    context: int | None = None,
) -> tuple[Dataset | None, tuple[Diagnostic, ...]]:
    """The task's first ``examples`` examples under ``seed``, or None and what is in the way.

    Example i depends on the task, the tokenizer, ``seed`` and i alone: fewer examples are a prefix
    of more. None is dropped: one that cannot be used is a finding. Where the task has not so many,
    ``least`` are enough, if given. ``context`` is the most tokens that the model takes, BOS
    included.
    """
    if task.bos and tokenizer.bos is None:
        problem = Diagnostic(
            "no-bos",
            "`bos = true`, and the model's tokenizer has no token for the beginning of a sequence",
            task.span,
            help="write `bos = false`",
        )
        return None, (problem,)
    drafts, problems = _draft(task, tokenizer, examples, examples if least is None else least, seed)
    if has_errors(problems):
        return None, problems
    problems += check_alignment(drafts, task, tokenizer) + _too_long(drafts, task, context)
    named, lacking = resolve_all(drafts, task, tokenizer)
    problems += lacking
    if has_errors(problems):
        return None, problems
    targets, missing = make_targets(drafts, named, task, tokenizer)
    problems += missing
    if has_errors(problems):
        return None, problems
    bos = (tokenizer.bos,) if task.bos and tokenizer.bos is not None else ()
    made = tuple(
        _example(draft, at, read, bos)
        for draft, at, read in zip(drafts, named, targets, strict=True)
    )
    return Dataset(made, task.metric.name, digest_of(made, task.metric.name)), problems


def _draft(task: TaskSpec, tokenizer: Tokenizer, examples: int, least: int, seed: int) -> Drafts:
    match task.data:
        case PromptData():
            return draft_prompts(task.data, task, tokenizer, examples, least, seed)
        case FileData():
            return draft_lines(task.data, task, tokenizer, examples, least, seed)
        case GeneratedData():
            return draft_generated(task.data, task, tokenizer, examples, least, seed)


def _too_long(
    drafts: Sequence[Draft], task: TaskSpec, context: int | None
) -> tuple[Diagnostic, ...]:
    longest = max(drafts, key=lambda draft: len(draft.clean.ids), default=None)
    if longest is None or context is None:
        return ()
    length = len(longest.clean.ids) + int(task.bos)
    if length <= context:
        return ()
    message = (
        f"{longest.place.name} makes {counted(length, 'token')}, and the model takes {context:,}"
    )
    return (Diagnostic("prompt-too-long", message, longest.place.span),)


def _example(draft: Draft, named: Named, targets: Targets, bos: Tokens) -> Example:
    corrupt = {name: bos + side.ids for name, side in draft.corrupt.items()}
    return Example(
        text=draft.text,
        template=draft.template,
        clean=bos + draft.clean.ids,
        corrupt=MappingProxyType(corrupt),
        positions=MappingProxyType(dict(named)),
        targets=targets,
    )


def digest_of(examples: Sequence[Example], metric: str) -> str:
    """SHA-256 over one line of JSON with sorted keys an example, the metric's name first."""
    digest = hashlib.sha256(json.dumps(metric).encode())
    for example in examples:
        record = {
            "text": example.text,
            "template": example.template,
            "clean": example.clean,
            "corrupt": dict(example.corrupt),
            "positions": dict(example.positions),
            "targets": [asdict(target) for target in example.targets],
        }
        line = json.dumps(record, sort_keys=True, separators=(",", ":"))
        digest.update(b"\n" + line.encode())
    return digest.hexdigest()

"""What the metric reads in each example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from circuitlang.circuit.circuit import TaskSpec
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.task.dataset import Target, Tokens
from circuitlang.task.draft import Answer, Draft
from circuitlang.task.show import show_tokens
from circuitlang.task.tokenizer import Tokenizer

NEEDS_ANSWER = frozenset({"logit_diff", "prob_diff", "log_prob", "accuracy"})
NEEDS_RIVAL = frozenset({"logit_diff", "prob_diff"})

Targets = tuple[Target, ...]


def make_targets(
    drafts: Sequence[Draft],
    positions: Sequence[Mapping[str, Tokens]],
    task: TaskSpec,
    tokenizer: Tokenizer,
) -> tuple[tuple[Targets, ...], tuple[Diagnostic, ...]]:
    """The targets of every example, in the order of tokens, or the first thing that is missing."""
    made: list[Targets] = []
    for draft, named in zip(drafts, positions, strict=True):
        targets: list[Target] = []
        for index in named[task.metric.at]:
            answer = _answer_at(draft, index - int(task.bos))
            if problem := _missing(answer, draft, task) or _same(answer, draft, task, tokenizer):
                return (), (problem,)
            targets.append(Target(index, *answer))
        made.append(tuple(targets))
    return tuple(made), ()


def _answer_at(draft: Draft, index: int) -> Answer:
    """The answer at a token, counted without BOS; an empty one where the data bring none there."""
    if isinstance(draft.answers, Answer):
        return draft.answers
    return draft.answers.get(index, Answer())


def _missing(answer: Answer, draft: Draft, task: TaskSpec) -> Diagnostic | None:
    metric = task.metric
    if metric.name in NEEDS_ANSWER and not answer.answer:
        lacks = f"no answer at `{metric.at}`"
    elif metric.name in NEEDS_RIVAL and not answer.against:
        lacks = f"nothing that the answer at `{metric.at}` is measured against"
    else:
        return None
    return Diagnostic(
        "no-answer",
        f"{draft.place.name} brings {lacks}, which `{metric.name}` needs",
        metric.span,
        secondary=(Label(draft.place.span, "the examples come from here"),),
    )


def _same(answer: Answer, draft: Draft, task: TaskSpec, tokenizer: Tokenizer) -> Diagnostic | None:
    both = [token for token in answer.answer if token in answer.against]
    if not both:
        return None
    return Diagnostic(
        "same-answer",
        f"in {draft.place.name} the token `{show_tokens(tokenizer, both[:1])}` is both the answer "
        "and what it is measured against",
        task.metric.span,
        secondary=(Label(draft.place.span, "in an example made from this"),),
        note=f"its text is `{draft.text[:200]}`",
    )

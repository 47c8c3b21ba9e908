"""Examples from the lines of a JSONL file."""

from __future__ import annotations

from itertools import islice

from circuitlang.circuit.circuit import FileData, TaskSpec
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.dataset import Tokens
from circuitlang.task.draft import Answer, Draft, Place, Side
from circuitlang.task.jsonl import Line, bad_lines, read_lines
from circuitlang.task.limits import MOST_TOKENS, too_many_tokens
from circuitlang.task.locate import locate, one_token
from circuitlang.task.show import show_tokens
from circuitlang.task.tokenizer import Tokenizer

Drafts = tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]


def draft_lines(
    data: FileData, task: TaskSpec, tokenizer: Tokenizer, examples: int, least: int, seed: int
) -> Drafts:
    """The first ``examples`` lines of the file after a seeded shuffle of all of them; where there
    are not so many, ``least`` are enough.

    Every line has to be an example that brings what the task takes from it, drawn or not.
    """
    lines, problems = read_lines(data)
    problems = problems or bad_lines(data, _incomplete(lines, task))
    if problems:
        return (), problems
    if len(lines) < least:
        return (), (_too_few(data, len(lines), least),)
    drafts: list[Draft] = []
    faults: list[tuple[int, str]] = []
    tokens = 0
    for index in islice(shuffled(Stream(seed, "lines"), len(lines)), examples):
        draft = _draft(lines[index], data, task, tokenizer)
        if isinstance(draft, str):
            faults.append((lines[index].number, draft))
            continue
        drafts.append(draft)
        tokens += len(draft.clean.ids) * (1 + len(draft.corrupt))
        if tokens > MOST_TOKENS:
            if len(drafts) <= least:
                return (), (too_many_tokens(task, len(drafts) - 1),)
            return tuple(drafts[:-1]), bad_lines(data, sorted(faults))
    return tuple(drafts), bad_lines(data, sorted(faults))


def _incomplete(lines: tuple[Line, ...], task: TaskSpec) -> list[tuple[int, str]]:
    given = [name for name, rule in task.positions.items() if rule.rule == "given"]
    faults: list[tuple[int, str]] = []
    for line in lines:
        if lacking := [name for name in task.corruptions if name not in line.corrupt]:
            faults.append((line.number, f"has no corrupt prompt `{lacking[0]}`"))
        elif lacking := [name for name in given if name not in line.positions]:
            faults.append((line.number, f"has no position `{lacking[0]}`"))
    return faults


def _draft(line: Line, data: FileData, task: TaskSpec, tokenizer: Tokenizer) -> Draft | str:
    """The example, or what keeps the line from being one."""
    clean = tokenizer.encode(line.clean)
    marks: dict[str, Tokens] = {}
    for name, rule in task.positions.items():
        if rule.rule == "given":
            found = locate(clean, line.clean, line.positions[name])
            if not found:
                return f"has no token at `{name}`"
            marks[name] = found[-1:]
    read: list[Tokens] = []
    for texts in (line.answer, line.against):
        tokens = [(text, one_token(text, tokenizer)) for text in texts]
        for text, token in tokens:
            if token is None:
                return _not_one(text, tokenizer)
        read.append(tuple(dict.fromkeys(token for _, token in tokens if token is not None)))
    corrupt = {
        name: Side(tokenizer.encode(line.corrupt[name]).ids, {}) for name in task.corruptions
    }
    template = line.template or counted(len(clean.ids), "token")
    place = Place(f"line {line.number} of `{data.path.name}`", data.span)
    return Draft(line.clean, template, place, Side(clean.ids, marks), corrupt, Answer(*read))


def _not_one(text: str, tokenizer: Tokenizer) -> str:
    ids = tokenizer.encode(text).ids
    return (
        f"answers with `{text}`, which is {counted(len(ids), 'token')} "
        f"(`{show_tokens(tokenizer, ids)}`) and has to be one"
    )


def _too_few(data: FileData, lines: int, examples: int) -> Diagnostic:
    return Diagnostic(
        "not-enough-examples",
        f"{counted(examples, 'example')} asked for, and only {lines:,} can be made",
        data.span,
        label=f"`{data.path.name}` holds {counted(lines, 'line')}",
        help=f"write `examples = {lines}`" if lines else None,
    )

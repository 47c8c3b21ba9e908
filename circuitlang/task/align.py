"""Clean and corrupt prompts of a pair have to match token by token."""

from __future__ import annotations

from collections.abc import Sequence

from circuitlang.circuit.circuit import Corruption, TaskSpec
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic, Label, Severity
from circuitlang.task.draft import Draft, Side
from circuitlang.task.show import first_difference, show_tokens
from circuitlang.task.tokenizer import Tokenizer


def check_alignment(
    drafts: Sequence[Draft], task: TaskSpec, tokenizer: Tokenizer
) -> tuple[Diagnostic, ...]:
    """One finding for each corruption whose pairs do not align or do not differ, and one for each
    template whose examples differ in length."""
    problems: list[Diagnostic] = []
    for name, corruption in task.corruptions.items():
        pairs = [(draft, draft.corrupt[name]) for draft in drafts]
        uneven = [(draft, side) for draft, side in pairs if not _aligned(draft.clean, side)]
        if uneven:
            of = f"{len(uneven):,} of {counted(len(pairs), 'pair')}"
            problems.append(_misaligned(corruption, *uneven[0], of, tokenizer))
        same = sum(draft.clean.ids == side.ids for draft, side in pairs)
        if same:
            problems.append(
                Diagnostic(
                    "unchanged-pair",
                    f"`{name}` changes no token in {same:,} of {counted(len(pairs), 'pair')}",
                    corruption.span,
                    severity=Severity.ERROR if same == len(pairs) else Severity.WARNING,
                )
            )
    return (*problems, *_uneven_templates(drafts, tokenizer))


def _aligned(clean: Side, corrupt: Side) -> bool:
    shared = clean.marks.keys() & corrupt.marks.keys()
    return len(clean.ids) == len(corrupt.ids) and all(
        clean.marks[name] == corrupt.marks[name] for name in shared
    )


def _misaligned(
    corruption: Corruption, draft: Draft, corrupt: Side, of: str, tokenizer: Tokenizer
) -> Diagnostic:
    clean = draft.clean
    moved = next((m for m, at in clean.marks.items() if corrupt.marks.get(m, at) != at), None)
    if len(clean.ids) != len(corrupt.ids):
        what = f"{len(clean.ids)} tokens clean, {len(corrupt.ids)} corrupt"
    else:
        what = f"`{moved}` is another token in the corrupt prompt"
    around = first_difference(clean.ids, corrupt.ids)
    return Diagnostic(
        "misaligned-pair",
        f"`{corruption.name}` does not match its clean prompt token by token in {of}: {what}",
        corruption.span,
        secondary=(Label(draft.place.span, f"the first one is {draft.place.name}"),),
        note=f"clean `{show_tokens(tokenizer, clean.ids, around)}`, "
        f"corrupt `{show_tokens(tokenizer, corrupt.ids, around)}`",
    )


def _uneven_templates(drafts: Sequence[Draft], tokenizer: Tokenizer) -> tuple[Diagnostic, ...]:
    first: dict[str, Draft] = {}
    problems: dict[str, Diagnostic] = {}
    for draft in drafts:
        other = first.setdefault(draft.template, draft)
        if len(other.clean.ids) != len(draft.clean.ids) and draft.template not in problems:
            problems[draft.template] = Diagnostic(
                "uneven-template",
                f"the examples of template `{draft.template}` differ in length: "
                f"{len(other.clean.ids)} tokens in {other.place.name}, "
                f"{len(draft.clean.ids)} in {draft.place.name}",
                draft.place.span,
                note=f"`{show_tokens(tokenizer, other.clean.ids)}` and "
                f"`{show_tokens(tokenizer, draft.clean.ids)}`",
            )
    return tuple(problems.values())

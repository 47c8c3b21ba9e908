"""Named positions as token indices."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from circuitlang.circuit.circuit import PositionDef, TaskSpec
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.task.dataset import Tokens
from circuitlang.task.draft import Draft
from circuitlang.task.show import show_tokens
from circuitlang.task.tokenizer import Tokenizer

Named = Mapping[str, Tokens]


def resolve(
    rules: Mapping[str, PositionDef], marks: Named, length: int, bos: bool
) -> dict[str, Tokens | str | None]:
    """The token indices of every named position in one example, ascending.

    A text says why a rule leads off the prompt; None stands for a slot, or a rule that starts from
    one, that this prompt does not have. ``marks`` and ``length`` do not count BOS; the result does.
    ``first`` is the first token of the text, never BOS; ``before`` it lies BOS, where there is one.
    ``after`` a position of several tokens means after its last, ``before`` means before its first.
    """
    shift = int(bos)
    found: dict[str, Tokens | str | None] = {
        name: tuple(index + shift for index in at)
        for name, at in marks.items()
        if name not in rules or rules[name].rule in ("slot", "given")
    }
    for name in rules:
        for step in _chain(name, rules, found):
            found[step] = _place(rules.get(step), found, shift, shift + length)
    return {name: found[name] for name in rules}


def _chain(name: str, rules: Mapping[str, PositionDef], found: Container[str]) -> list[str]:
    """The position and those it starts from, as far as they are not found yet, the last first.

    A loop and not a recursion: a file may chain as many rules as it likes.
    """
    chain: dict[str, None] = {}
    at: str | None = name
    while at is not None and at not in found:
        if at in chain:
            raise ValueError(f"`{at}` is placed by itself; the checker refuses this")
        chain[at] = None
        rule = rules.get(at)
        at = rule.anchor if rule else None
    return list(reversed(chain))


def _place(
    rule: PositionDef | None, found: Mapping[str, Tokens | str | None], start: int, end: int
) -> Tokens | str | None:
    """Where a rule leads in a prompt whose text takes the tokens from ``start`` to ``end``."""
    if rule is None or rule.rule in ("slot", "given"):
        return None
    if rule.rule in ("first", "last"):
        return (start if rule.rule == "first" else end - 1,)
    anchor = found[rule.anchor or ""]
    if not isinstance(anchor, tuple):
        return anchor
    after = rule.rule == "after"
    index = anchor[-1] + 1 if after else anchor[0] - 1
    if 0 <= index < end:
        return (index,)
    return f"`{rule.anchor}` is its {'last' if after else 'first'} token"


def resolve_all(
    drafts: Sequence[Draft], task: TaskSpec, tokenizer: Tokenizer
) -> tuple[tuple[Named, ...], tuple[Diagnostic, ...]]:
    """The named positions of every example, or a finding for each position that leads off some.

    A slot that only some templates have is left out of the others' examples, except where the
    metric reads there.
    """
    resolved: list[Named] = []
    lacking: dict[str, list[tuple[Draft, str]]] = {}
    for draft in drafts:
        found = resolve(task.positions, draft.clean.marks, len(draft.clean.ids), task.bos)
        resolved.append({name: at for name, at in found.items() if isinstance(at, tuple)})
        for name, reason in found.items():
            if isinstance(reason, str):
                lacking.setdefault(name, []).append((draft, reason))
            elif reason is None and name == task.metric.at:
                lacking.setdefault(name, []).append((draft, f"there is no `{name}`"))
    problems = (
        _not_found(task.positions[name], offenders, len(drafts), tokenizer)
        for name, offenders in lacking.items()
    )
    return tuple(resolved), tuple(problems)


def _not_found(
    rule: PositionDef, offenders: Sequence[tuple[Draft, str]], total: int, tokenizer: Tokenizer
) -> Diagnostic:
    draft, reason = offenders[0]
    return Diagnostic(
        "position-not-found",
        f"{len(offenders):,} of {counted(total, 'example')} "
        f"{'has' if len(offenders) == 1 else 'have'} no token at `{rule.name}`",
        rule.span,
        label=f"in {draft.place.name}, {reason}",
        secondary=(Label(draft.place.span),),
        note=f"its tokens are `{show_tokens(tokenizer, draft.clean.ids)}`",
    )

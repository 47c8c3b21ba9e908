"""Named positions as token indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from circuitlang.circuit.circuit import PositionDef, TaskSpec
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.task.dataset import Tokens
from circuitlang.task.draft import Draft
from circuitlang.task.show import count, show_tokens
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

    def find(name: str, asking: tuple[str, ...]) -> Tokens | str | None:
        rule = rules.get(name)
        if name in asking:
            raise ValueError(f"`{name}` is placed by itself; the checker refuses this")
        if rule is None or rule.rule in ("slot", "given"):
            at = marks.get(name)
            return None if at is None else tuple(i + shift for i in at)
        if rule.rule in ("first", "last"):
            return (shift if rule.rule == "first" else shift + length - 1,)
        anchor = find(rule.anchor or "", (*asking, name))
        if not isinstance(anchor, tuple):
            return anchor
        after = rule.rule == "after"
        index = anchor[-1] + 1 if after else anchor[0] - 1
        if 0 <= index < shift + length:
            return (index,)
        return f"`{rule.anchor}` is its {'last' if after else 'first'} token"

    return {name: find(name, ()) for name in rules}


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
        f"{len(offenders):,} of {count(total, 'example')} "
        f"{'has' if len(offenders) == 1 else 'have'} no token at `{rule.name}`",
        rule.span,
        label=f"in {draft.place.name}, {reason}",
        secondary=(Label(draft.place.span),),
        note=f"its tokens are `{show_tokens(tokenizer, draft.clean.ids)}`",
    )

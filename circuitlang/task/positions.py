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
) -> dict[str, Tokens | str]:
    """The token indices of every named position in one example, ascending, or why it has none.

    ``marks`` and ``length`` do not count BOS; the result does. ``first`` is the first token of the
    text, never BOS; ``before`` it lies BOS, where there is one. ``after`` a position of several
    tokens means after its last, ``before`` means before its first.
    """
    shift = int(bos)

    def find(name: str, asking: tuple[str, ...]) -> Tokens | str:
        rule = rules.get(name)
        if name in asking:
            return f"`{name}` is defined through itself"
        if rule is None or rule.rule in ("slot", "given"):
            at = marks.get(name)
            return f"it has no `{name}`" if at is None else tuple(i + shift for i in at)
        if rule.rule in ("first", "last"):
            return (shift if rule.rule == "first" else shift + length - 1,)
        anchor = find(rule.anchor or "", (*asking, name))
        if isinstance(anchor, str):
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
    """The named positions of every example, or one finding for each position that some lack."""
    resolved: list[Named] = []
    lacking: dict[str, list[tuple[Draft, str]]] = {}
    for draft in drafts:
        found = resolve(task.positions, draft.clean.marks, len(draft.clean.ids), task.bos)
        resolved.append({name: at for name, at in found.items() if not isinstance(at, str)})
        for name, reason in found.items():
            if isinstance(reason, str):
                lacking.setdefault(name, []).append((draft, reason))
    problems = (
        Diagnostic(
            "position-not-found",
            f"{count(len(offenders), 'example')} of {len(drafts):,} "
            f"{'has' if len(offenders) == 1 else 'have'} no token at `{name}`",
            task.positions[name].span,
            label=f"in {offenders[0][0].place.name}, {offenders[0][1]}",
            secondary=(Label(offenders[0][0].place.span),),
            note=f"its tokens are `{show_tokens(tokenizer, offenders[0][0].clean.ids)}`",
        )
        for name, offenders in lacking.items()
    )
    return tuple(resolved), tuple(problems)

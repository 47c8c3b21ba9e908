"""Named positions: slots of the prompts, and rules such as `after S1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from circuitlang.check.checked import Checked
from circuitlang.check.names import unique
from circuitlang.check.sources import Sources
from circuitlang.check.suggest import listed, suggest
from circuitlang.circuit.circuit import PositionDef
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label


class Places(NamedTuple):
    """``lacking`` maps a position to a prompt in which it does not occur."""

    positions: Mapping[str, PositionDef]
    lacking: Mapping[str, tree.Prompt]


def check_positions(rules: Sequence[tree.PositionRule], sources: Sources) -> Checked[Places]:
    yield from unique("position", (rule.name for rule in rules))
    positions: dict[str, PositionDef] = {}
    lacking: dict[str, tree.Prompt] = {}
    for template in sources.templates:
        for slot, span, _ in template.slots:
            if slot.position is not None and slot.position not in positions:
                positions[slot.position] = PositionDef(slot.position, "slot", span=span)
    for name in positions:
        for template in sources.templates:
            if name not in template.positions:
                lacking.setdefault(name, template.prompt)
    by_name = {rule.name.text: rule for rule in reversed(rules)}
    for rule in rules:
        name = rule.name.text
        if name in positions and positions[name].rule == "slot":
            yield Diagnostic(
                "duplicate-name",
                f"position `{name}` is already a slot of a prompt",
                rule.name.span,
                secondary=(Label(positions[name].span, "the slot"),),
            )
            continue
        if rule.rule.text == "given":
            yield from check_given("position", rule.name, sources)
        if rule.anchor is not None:
            lacks = yield from _follow(rule, by_name, positions, lacking)
            if lacks is not None:
                lacking[name] = lacks
        anchor = rule.anchor.text if rule.anchor else None
        kind: Any = rule.rule.text
        positions.setdefault(name, PositionDef(name, kind, anchor, rule.span))
    return Places(positions, lacking)


def _follow(
    rule: tree.PositionRule,
    rules: Mapping[str, tree.PositionRule],
    positions: Mapping[str, PositionDef],
    lacking: Mapping[str, tree.Prompt],
) -> Checked[tree.Prompt | None]:
    """A prompt that lacks the position at the end of the chain of anchors, if there is one."""
    seen = [rule.name.text]
    here = rule
    while here.anchor is not None:
        anchor = here.anchor.text
        if anchor in seen:
            if anchor == rule.name.text:
                chain = " -> ".join((*seen, anchor))
                yield Diagnostic(
                    "circular-position",
                    f"`{rule.name}` is placed by itself: {chain}",
                    here.anchor.span,
                )
            return None
        if anchor not in rules:
            if anchor not in positions and here is rule:
                names = sorted({*rules, *positions} - {rule.name.text})
                yield Diagnostic(
                    "unknown-position",
                    f"the task names no position `{anchor}`",
                    here.anchor.span,
                    help=suggest(anchor, names, "positions"),
                )
            return lacking.get(anchor)
        seen.append(anchor)
        here = rules[anchor]
    return None


def check_given(what: str, name: tree.Name, sources: Sources) -> Checked[None]:
    """`given` needs a source that brings such a thing along."""
    if not sources.brings_own and sources.templates:
        yield Diagnostic(
            "nothing-given",
            f"prompts bring no {what} along, `{name}` has to be made",
            name.span,
            help=f"write `position {name} last` or name a slot `{{{name}:...}}`"
            if what == "position"
            else f"write `corrupt {name} resample ...`",
        )
    elif sources.generator is not None:
        brought = (
            sources.generator.positions if what == "position" else sources.generator.corruptions
        )
        if name.text not in brought:
            yield Diagnostic(
                "nothing-given",
                f"the generator brings no {what} `{name}`",
                name.span,
                help=f"it brings {listed(brought)}",
            )

"""Rival circuits, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from circuitlang.report.compare.record import Comparison, Group
from circuitlang.report.number import duration, number, show
from circuitlang.report.table import aligned
from circuitlang.score.rank import Duel, Standing
from circuitlang.score.ranked import Areas
from circuitlang.syntax.counted import counted

_COLOURS = {"EQUAL": "32", "DIFFER": "31", "UNDECIDED": "33"}


def render_comparison(comparison: Comparison, *, color: bool = False) -> str:
    """One block a task, ending in a line feed."""
    blocks = [block for group in comparison.groups for block in _group(group, color)]
    circuits, tasks = sum(len(g.names) for g in comparison.groups), len(comparison.groups)
    apart = "1 task" if tasks == 1 else f"{tasks} tasks: rivals are those of one"
    told = f"{counted(circuits, 'circuit')}, {apart}; in {duration(comparison.seconds)}"
    blocks.append([told])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _group(group: Group, color: bool) -> Iterator[list[str]]:
    yield list(heading(group))
    if group.ranking.standings:
        yield aligned([HEADER, *(row(group, *one) for one in places(group))])
    if group.ranking.duels:
        yield [f"pairs: {pairs_line(group)}", *_duels(group, color)]
    yield [line for one in group.areas for line in area_lines(one)]


def pairs_line(group: Group) -> str:
    """What the pairs show, and when two are EQUAL."""
    within = number(group.tolerance, percent=group.percent)
    return (
        "distance of the one less that of the other, p (with Holm's correction); EQUAL is within "
        f"± {within}"
    )


def area_lines(one: Areas) -> Iterator[str]:
    """A ranking of edges: its areas, and the curve that they are of."""
    yield f"{one.path}: a ranking of all edges, each kept at every position"
    yield from (f"  not measured: {reason}" for reason in one.reasons)
    if one.cpr is not None and one.cmd is not None:
        yield f"  CPR {show(one.cpr, percent=False)} (large is good, 0.999 is perfect)"
        yield f"  CMD {show(one.cmd, percent=False)} (small is good, 0 is perfect)"
    curve = (
        f"{number(p.share, percent=True)} {number(p.signed)} / {number(p.absolute)}"
        for p in one.points
    )
    if one.points:
        yield f"  faithfulness by signed / absolute score: {', '.join(curve)}"


HEADER = ("rank", "circuit", "faithfulness", "from the model", "other half", "size", "front")


def heading(group: Group) -> Iterator[str]:
    """Under which definition the rivals were measured, on what."""
    definition, ran = group.definition, group.provenance
    yield (
        f"{definition['model']}, {definition['metric']}, granularity {definition['granularity']}, "
        f"ablation {definition['ablation']}, data {ran.data_digest[:12]}"
    )
    if group.form is None:
        yield f"  {', '.join(group.names)}: not ranked: {'; '.join(group.ranking.reasons)}"
        return
    on = f"{group.ranking.held_out} held-out of {ran.examples} prompts"
    confidence = f"{group.confidence * 100:g}% intervals"
    yield f"  faithfulness(as={group.form}) = {group.formula}, on {on}, {confidence}"
    if group.ranking.method:
        yield f"  interval: {group.ranking.method}"
    yield f"  preflight: {ran.preflight}; {group.variants} variants in one run"
    yield from (f"  not ranked: {reason}" for reason in group.ranking.reasons)


def places(group: Group) -> Iterator[tuple[int, Standing]]:
    yield from enumerate(group.ranking.standings, start=1)


def row(group: Group, place: int, one: Standing) -> tuple[str, ...]:
    """The cells of one rival, as `HEADER` names them."""
    heads, mlps, edges = one.rival.size
    said = [counted(heads, "head")]
    said += [counted(n, name) for n, name in ((mlps, "MLP"), (edges, "edge")) if n]
    return (
        f"{place}",
        one.rival.name,
        show(one.faithfulness, percent=group.percent),
        show(one.distance, percent=group.percent),
        number(one.seen, percent=group.percent),
        ", ".join(said),
        "on it" if one.on_front else f"behind {', '.join(one.beaten_by)}",
    )


def _duels(group: Group, color: bool) -> Sequence[str]:
    rows = [duel_row(group, duel) for duel in group.ranking.duels]
    lines = aligned([(f"  {first}", *rest) for first, *rest in rows])
    if not color:
        return lines
    words = (duel.relation for duel in group.ranking.duels)
    return [
        line.removesuffix(word) + f"\x1b[1;{_COLOURS[word]}m{word}\x1b[0m"
        for line, word in zip(lines, words, strict=True)
    ]


def duel_row(group: Group, duel: Duel) -> tuple[str, ...]:
    shown = show(duel.difference, percent=group.percent)
    return (
        f"{duel.b} against {duel.a}",
        f"+{shown}" if duel.difference.value > 0 else shown,
        f"p = {number(duel.p)} ({number(duel.adjusted)})",
        duel.relation,
    )

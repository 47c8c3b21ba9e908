"""A difference as one HTML page: both circuits over each other, what changed, and what running both
came to."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.difference import EFFECTS, Difference, Parts, with_roles
from circuitlang.circuit.drawing import fragment
from circuitlang.circuit.drawing.markup import Markup
from circuitlang.circuit.names import Edge, Node, parse_node
from circuitlang.report.diff.behaviour import HELD, chances, signed
from circuitlang.report.diff.record import Behaviour
from circuitlang.report.diff.text import headed, totals
from circuitlang.report.html.chart import interval_chart, part_bar, parts_axis
from circuitlang.report.html.page import Section, fill, page
from circuitlang.report.number import duration, number, show
from circuitlang.report.tested import CORRECTED
from circuitlang.score.verdict import Interval, Measured, Part
from circuitlang.score.versus import Carried, Versus

# Edges of one circuit alone that the page lists; all of them are drawn and in the JSON.
EDGES_SHOWN = 500


def difference_to_html(
    difference: Difference,
    behaviour: Behaviour | None = None,
    circuits: tuple[Circuit, Circuit] | None = None,
) -> str:
    """One self-contained page, as `circuitlang.report.html.page.to_html` makes them. Without
    ``circuits``, the two that were compared, there is no drawing."""
    picture, rules = Markup(""), ""
    if circuits is not None:
        names = {r.before: r.after for r in difference.renames if r.kind == "role"}
        first, second = with_roles(circuits[0], names), circuits[1]
        told = _told((first, second), difference, behaviour)
        picture, rules = fragment(first, second, name="diff-circuit", told=told)
    body = fill(
        "diff.html",
        id="diff",
        difference=difference,
        effects=[(effect, difference.count(effect)) for effect in EFFECTS],
        totals=list(totals(difference)),
        headed=list(headed(difference.changes)),
        picture=picture,
        nodes=_only(difference.nodes),
        edges=_only(difference.edges),
        behaviour=behaviour,
        found=None if behaviour is None else _numbers(behaviour),
        again=_command(difference, behaviour),
    )
    title = f"{difference.a.path} → {difference.b.path}"
    outcome = "" if behaviour is None else behaviour.versus.relation
    return page([Section("diff", title, outcome, body, rules)])


def _told(
    circuits: tuple[Circuit, Circuit], difference: Difference, behaviour: Behaviour | None
) -> Mapping[Node, list[str]]:
    """Of each node: where each circuit has it, and what it carries."""
    nodes = difference.nodes
    told: dict[Node, list[str]] = {}
    for node in sorted({*circuits[0].members, *circuits[1].members}):
        lines = told.setdefault(node, [])
        if node in nodes.only_a:
            lines.append("only in A")
        elif node in nodes.only_b:
            lines.append("only in B")
        elif node in nodes.moved:
            lines.append("in both, at {} in A and at {} in B".format(*nodes.moved[node]))
        else:
            lines.append("in both")
        for side, circuit in zip("AB", circuits, strict=True):
            roles = [role for role in circuit.roles.values() if node in role.nodes]
            lines += [f"{side}: {role.name} at {role.at}" for role in roles]
    for one in behaviour.versus.carried if behaviour is not None else ():
        found = parse_node(one.name)
        if behaviour is not None and found in told:
            told[found].append(f"{one.role}: {signed(behaviour.versus, one.mean)} of B less A")
    return told


def _only(parts: Parts[Node] | Parts[Edge]) -> Mapping[str, list[str]]:
    """What only one has, and what both have elsewhere, as lists of names."""

    groups = {
        "only in A": [f"{one} at {at}" for one, at in parts.only_a.items()],
        "only in B": [f"{one} at {at}" for one, at in parts.only_b.items()],
        "at other positions": [
            f"{one} at {a} in A, at {b} in B" for one, (a, b) in parts.moved.items()
        ],
    }
    shown = {name: names[:EDGES_SHOWN] for name, names in groups.items() if names}
    for name, names in shown.items():
        if left := len(groups[name]) - len(names):
            names.append(f"and {left} more")
    return shown


def _numbers(behaviour: Behaviour) -> Mapping[str, object]:
    """What the page shows of a run."""
    found = behaviour.versus
    region = Interval(-found.tolerance, found.tolerance)
    said = signed(found, found.difference)
    tolerance = number(found.tolerance, percent=found.percent)
    return {
        "relation": found.relation,
        "difference": said,
        "chart": interval_chart(
            found.difference,
            region,
            title=f"B less A: {said}; EQUAL within ± {tolerance}",
            name="diff-gap",
            percent=found.percent,
        ),
        "facts": _facts(behaviour),
        "carried": tuple(_carried(found)),
        "corrected": CORRECTED,
        "rest": None if found.rest is None else signed(found, found.rest),
        "witnesses": [
            (
                one.example,
                one.text,
                "" if one.model is None else number(one.model),
                number(one.a),
                number(one.b),
            )
            for one in found.witnesses
        ],
        "reasons": found.reasons,
    }


def _facts(behaviour: Behaviour) -> Mapping[str, str]:
    found, ran = behaviour.versus, behaviour.provenance

    def shown(measured: Measured) -> str:
        return show(measured, percent=found.percent)

    inputs = found.inputs or {}
    return {
        "faithfulness of A": shown(found.a),
        "faithfulness of B": shown(found.b),
        "formula": found.formula,
        "inputs": "; ".join(f"{k} = {show(m, percent=False)}" for k, m in inputs.items()),
        "interval": f"{found.confidence * 100:g}%, {found.method}",
        "chance": f"p = {number(found.p)} by {found.permutations:,} exchanges of A and B; "
        f"DIFFER takes at most {number(found.alpha)}",
        "ran on": f"{ran.device}, {ran.executor} executor, {behaviour.variants} "
        f"variants, n = {found.n}, in {duration(behaviour.seconds)}",
        "preflight": ran.preflight,
    }


def _carried(found: Versus) -> Iterator[tuple[Carried, str, Markup, str, str, str, str]]:
    """A row for each difference: where it is, its bar, the three numbers, and how sure they are."""
    parts = [
        Part(one.name, one.mean, None if one.role == "unclear" else one.role)
        for one in found.carried
    ]
    axis = parts_axis(parts, None)
    for one, part in zip(found.carried, parts, strict=True):
        yield (
            one,
            HELD[one.held],
            part_bar(part, axis, (), percent=found.percent),
            signed(found, one.mean),
            signed(found, one.in_a),
            signed(found, one.in_b),
            chances(one),
        )


def _command(difference: Difference, behaviour: Behaviour | None) -> str:
    words = ["circuitlang", "diff", difference.a.path, difference.b.path]
    if behaviour is not None:
        found, ran = behaviour.versus, behaviour.provenance
        words += ["--run", "--examples", str(ran.examples), "--seed", str(ran.seed)]
        words += ["--measure", found.form, "--tolerance", f"{found.tolerance:g}"]
        if ran.executor != "sparse":
            words += ["--executor", ran.executor]
    return shlex.join(words)

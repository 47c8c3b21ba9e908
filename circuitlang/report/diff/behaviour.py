"""Two circuits on the same prompts, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from circuitlang.report.diff.record import Behaviour
from circuitlang.report.number import duration, number, show
from circuitlang.report.table import aligned
from circuitlang.report.tested import CORRECTED
from circuitlang.score.verdict import Measured
from circuitlang.score.versus import Carried, Versus
from circuitlang.syntax.render.cells import visible

_COLOURS = {"EQUAL": "32", "DIFFER": "31", "UNDECIDED": "33"}
HELD = {"A": "only in A", "B": "only in B", "both": "elsewhere"}


def render_behaviour(behaviour: Behaviour, *, color: bool = False) -> str:
    """The verdict, the numbers behind it, what carries the difference, and prompts; ends in a line
    feed."""
    found = behaviour.versus
    word: str = found.relation
    if color:
        word = f"\x1b[1;{_COLOURS[word]}m{word}\x1b[0m"
    blocks = [
        [f"behaviour: {word}", *(f"  {line}" for line in numbers(behaviour))],
        _carried(found),
        _witnesses(found),
        [f"{behaviour.variants} variants in one run, in {duration(behaviour.seconds)}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def numbers(behaviour: Behaviour) -> Iterator[str]:
    """What was measured on which prompts, and what it came to."""
    found = behaviour.versus
    yield f"{found.formula}, n = {found.n}, {found.confidence * 100:g}% intervals"
    if found.inputs:
        ordered = sorted(found.inputs.items(), key=lambda item: (item[0] != "F(M)", item[0]))
        said = (f"{name} = {show(m, percent=False)}" for name, m in ordered)
        yield "; ".join(said)
    yield f"A {_show(found, found.a)}, B {_show(found, found.b)}"
    test = f"p = {number(found.p)} by {found.permutations} exchanges of A and B"
    yield f"B less A: {signed(found, found.difference)}, {test}"
    yield f"EQUAL is within ± {number(found.tolerance, percent=found.percent)}: {_why(found)}"
    yield f"interval: {found.method}"
    yield from (f"note: {reason}" for reason in found.reasons)
    ran = behaviour.provenance
    reused = "" if not ran.found else f"; cache: {ran.found} of {ran.needed}"
    yield f"preflight: {ran.preflight}{reused}"


def _why(found: Versus) -> str:
    if found.reasons:
        return "it cannot be told"
    if found.relation == "EQUAL":
        return "the whole interval is"
    if found.relation == "DIFFER":
        return "the interval is not, and excludes zero"
    if found.difference.interval.low <= 0 <= found.difference.interval.high:
        return "the interval is not, and holds zero"
    return f"the interval is not, and p is above {number(found.alpha)}"


def _show(found: Versus, measured: Measured) -> str:
    return show(measured, percent=found.percent)


def signed(found: Versus, measured: Measured) -> str:
    """A difference, with its sign also where it is positive."""
    shown = _show(found, measured)
    return f"+{shown}" if measured.value > 0 else shown


def _carried(found: Versus) -> Sequence[str]:
    if not found.carried:
        return ()
    rows = [("", "", "with the rest as in A", "as in B", "mean", "p (corrected)", "")]
    rows += [
        (
            f"  {one.name}",
            HELD[one.held],
            signed(found, one.in_a),
            signed(found, one.in_b),
            signed(found, one.mean),
            chances(one),
            one.role,
        )
        for one in found.carried
    ]
    lines = ["what carries it: each difference as B has it, less as A has it", *aligned(rows)]
    if found.rest is not None and len(found.carried) > 1:
        lines.append(
            f"  beyond the sum of the means: {signed(found, found.rest)}, by acting together"
        )
    moved = sum(one.role != "unclear" for one in found.carried)
    lines.append(f"  {moved} of {len(found.carried)} clear; {CORRECTED}")
    return lines


def chances(one: Carried) -> str:
    """The p-value of "it is worth nothing", alone and corrected for all differences."""
    return f"{number(one.p)} ({number(one.adjusted)})"


def _witnesses(found: Versus) -> Sequence[str]:
    if not found.witnesses:
        return ()
    unit = "divergence from the model" if found.form == "kl" else "metric"
    rows = [
        (
            f"  {one.example}",
            "" if one.model is None else f"M {number(one.model)}",
            f"A {number(one.a)}",
            f"B {number(one.b)}",
            visible(one.text),
        )
        for one in found.witnesses
    ]
    return [f"prompts that show it best ({unit})", *aligned(rows)]

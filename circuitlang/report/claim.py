"""One claim in words: what every format for people says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from circuitlang.report.excerpt import excerpt
from circuitlang.report.number import confidence, number, show
from circuitlang.report.record import Report
from circuitlang.report.table import searched
from circuitlang.report.tested import chance, hypothesis_line, outcome_of
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.render.cells import visible

NO_CLAIMS = "no claim was judged: nothing is verified"

_COLOURS = {"pass": "32", "waived": "36", "warning": "33", "inconclusive": "33"}
_RED = "31"


def word(verdict: Verdict) -> str:
    """The outcome, or ``warning`` where it does not count towards the exit code."""
    warns = verdict.claim.severity == "warn" and verdict.outcome not in ("pass", "waived")
    return "warning" if warns else verdict.outcome


def noteworthy(verdict: Verdict) -> bool:
    """Whether there is more to say of the claim than its line in the table."""
    return verdict.outcome != "pass" or bool(verdict.reasons)


def estimate(verdict: Verdict) -> str:
    """``90.3% [78.4, 107.1]``, of a test ``p = 0.24, not rejected``, or that there is none."""
    if verdict.estimate is None:
        return "no estimate"
    if verdict.test is not None:
        return f"{chance(verdict.estimate.value)}, {outcome_of(verdict.test)}"
    return show(verdict.estimate, percent=verdict.claim.percent)


def headline(verdict: Verdict) -> str:
    """The claim and what it came to, in one sentence without a full stop."""
    claim = verdict.claim
    if verdict.judged == "error":
        return f"`{claim.name}` could not be measured"
    if verdict.estimate is None:
        return f"`{claim.name}` has no estimate to compare with {claim.demand}"
    shown = f"is {number(verdict.estimate.value, percent=claim.percent)}"
    unsure = f"too uncertain to say whether it is {claim.demand}"
    if verdict.test is not None:
        shown = f"has {chance(verdict.estimate.value)}"
        unsure = f"which decides nothing, claimed {claim.demand}"
    if verdict.judged == "vacuous":
        return f"`{claim.name}` {shown}, but says nothing"
    if verdict.judged == "inconclusive":
        return f"`{claim.name}` {shown}, {unsure}"
    return f"`{claim.name}` {shown}, claimed {claim.demand}"


def block(report: Report, verdict: Verdict, *, color: bool = False) -> Sequence[str]:
    """The claim's own line of the file with what it came to and why, as compilers show errors."""
    claim = verdict.claim
    label = estimate(verdict)
    if verdict.estimate is not None:
        level = "" if verdict.test else f" at {confidence(verdict.confidence)}"
        label += f"{level}, n = {verdict.n}"
    return (
        f"{paint(word(verdict), color)}[claim]: {headline(verdict)}",
        *excerpt(report.circuit.source, claim.span, report.path, label),
        *(f"  = {visible(line)}" for line in remarks(verdict)),
    )


def remarks(verdict: Verdict) -> Iterator[str]:
    """The formula with its inputs, the interval's method, the look at which it was judged, covers,
    and what would decide."""
    inputs = "; ".join(f"{k} = {show(m, percent=False)}" for k, m in verdict.inputs.items())
    yield f"formula: {verdict.formula}{f', with {inputs}' if inputs else ''}"
    if verdict.method:
        yield f"{'interval' if verdict.test is None else 'test'}: {verdict.method}"
    if verdict.look is not None:
        look, p = verdict.look, ", ".join(f"{chance:.2g}" for chance in verdict.chances)
        yield f"look: {look.number} of {look.of}, at {look.examples} examples; p at each: {p}"
    if hypothesis := hypothesis_line(verdict):
        yield f"hypothesis: {hypothesis}"
    if verdict.searched is not None:
        yield searched(verdict)
    if cover := cover_line(verdict):
        yield f"cover: {cover}"
    if verdict.worst:
        yield f"worst: examples {', '.join(map(str, verdict.worst))}"
    yield from (f"note: {reason}" for reason in verdict.reasons)
    if verdict.outcome == "waived" and (waived := waiver_line(verdict)):
        yield f"waived: {waived}"


def waiver_line(verdict: Verdict) -> str:
    """Until when and why the claim is waived; empty where it is not."""
    waiver = verdict.waiver
    return "" if waiver is None else f"until {waiver.until}, because {visible(waiver.because)}"


def cover_line(verdict: Verdict) -> str:
    """What there is to compare the estimate with, and whatever else is not met."""
    told = [c.text for c in verdict.covers if c.name in ("ablation", "random") or c.met is False]
    return "; ".join(told)


def paint(word: str, color: bool) -> str:
    return f"\x1b[1;{_COLOURS.get(word, _RED)}m{word}\x1b[0m" if color else word

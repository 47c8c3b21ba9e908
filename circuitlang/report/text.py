"""The report for a person at a terminal: one line a claim, then what needs looking at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from circuitlang.report.excerpt import excerpt
from circuitlang.report.family import family_lines
from circuitlang.report.looks import looks_lines
from circuitlang.report.number import confidence, duration, number, show
from circuitlang.report.record import Report
from circuitlang.report.reuse import reuse_line, reuse_table
from circuitlang.report.table import aligned, parts_table, searched
from circuitlang.score.verdict import Verdict

_COLOURS = {"pass": "32", "waived": "36", "warning": "33", "inconclusive": "33"}
_RED = "31"


def render_text(report: Report, *, color: bool = False, explain: bool = False) -> str:
    """The whole report, ending in a line feed; ``explain`` adds why each claim was measured."""
    blocks = [
        _header(report),
        _claims(report, color),
        _context(report),
        reuse_table(report.reuse) if explain and report.reuse else (),
        *(parts_table(report.circuit, v) for v in report.verdicts if v.parts),
        *(_block(report, v, color) for v in report.verdicts if v.outcome != "pass" or v.reasons),
        (_footer(report, color),),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _header(report: Report) -> Sequence[str]:
    circuit, policy = report.circuit, report.circuit.policy
    model = circuit.model.source
    if circuit.model.revision:
        model += f" at {circuit.model.revision[:7]}"
    kept = ", MLPs kept" if circuit.keep_mlps else ""
    return (
        f"{report.path}: {circuit.name} on {model}, {circuit.model.dtype}, "
        f"{report.device}{_executor(report)}",
        f"  {report.examples} examples, granularity {policy.granularity}, ablation "
        f"{policy.ablation}, {policy.positions} positions{kept}, seed {policy.seed}, "
        f"{policy.confidence * 100:g}% intervals{' over all looks' if report.looks else ''}",
        *(f"  preflight: {line}" for line in report.preflight),
        *reuse_line(report.reuse),
    )


def _executor(report: Report) -> str:
    return "" if report.executor == "sparse" else f", {report.executor} executor"


def _claims(report: Report, color: bool) -> Sequence[str]:
    if not report.verdicts:
        return ("  no claim was judged: nothing is verified",)
    rows = [
        (_word(v), v.claim.name, _estimate(v), v.claim.demand, f"n = {v.n}", str(v.claim.measure))
        for v in report.verdicts
    ]
    width = max(len(row[0]) for row in rows)
    return [
        f"  {_paint(row[0], color)}{' ' * (width - len(row[0]))}  {rest}".rstrip()
        for row, rest in zip(rows, aligned([row[1:] for row in rows]), strict=True)
    ]


def _context(report: Report) -> Sequence[str]:
    """The means behind the shares, what covers them, and what the policy leaves unmeasured."""
    lines = list(
        aligned([(f"  {name}", f"= {show(m, percent=False)}") for name, m in report.inputs.items()])
    )
    lines += [
        f"  cover of {v.claim.name}: {cover_line(v)}"
        for v in report.verdicts
        if any(cover.name == "random" for cover in v.covers)
    ]
    lines += family_lines(report)
    lines += looks_lines(report)
    if report.circuit.policy.granularity == "nodes" and report.circuit.claimed_edges:
        lines.append(
            "  note: with `granularity = nodes` the edges of the file are not measured; "
            "`granularity = edges` measures them"
        )
    return lines


def _block(report: Report, verdict: Verdict, color: bool) -> Sequence[str]:
    claim = verdict.claim
    label = _estimate(verdict)
    if verdict.estimate is not None:
        label += f" at {confidence(verdict.confidence)}, n = {verdict.n}"
    return (
        f"{_paint(_word(verdict), color)}[claim]: {_headline(verdict)}",
        *excerpt(report.circuit.source, claim.span, report.path, label),
        *(f"  = {line}" for line in _remarks(verdict)),
    )


def _headline(verdict: Verdict) -> str:
    claim = verdict.claim
    if verdict.judged == "error":
        return f"`{claim.name}` could not be measured"
    if verdict.estimate is None:
        return f"`{claim.name}` has no estimate to compare with {claim.demand}"
    shown = number(verdict.estimate.value, percent=claim.percent)
    if verdict.judged == "vacuous":
        return f"`{claim.name}` is {shown}, but says nothing"
    if verdict.judged == "inconclusive":
        return f"`{claim.name}` is {shown}, too uncertain to say whether it is {claim.demand}"
    return f"`{claim.name}` is {shown}, claimed {claim.demand}"


def _remarks(verdict: Verdict) -> Iterator[str]:
    inputs = "; ".join(f"{k} = {show(m, percent=False)}" for k, m in verdict.inputs.items())
    yield f"formula: {verdict.formula}{f', with {inputs}' if inputs else ''}"
    if verdict.method:
        yield f"interval: {verdict.method}"
    if verdict.searched is not None:
        yield searched(verdict)
    if cover := cover_line(verdict):
        yield f"cover: {cover}"
    if verdict.worst:
        yield f"worst: examples {', '.join(map(str, verdict.worst))}"
    yield from (f"note: {reason}" for reason in verdict.reasons)
    if verdict.outcome == "waived" and verdict.waiver is not None:
        yield f"waived: until {verdict.waiver.until}, because {verdict.waiver.because}"


def cover_line(verdict: Verdict) -> str:
    """What there is to compare the estimate with, and whatever else is not met."""
    told = [c.text for c in verdict.covers if c.name in ("ablation", "random") or c.met is False]
    return "; ".join(told)


def _footer(report: Report, color: bool) -> str:
    counts = Counter(_word(v) for v in report.verdicts)
    listed = ", ".join(f"{counts[word]} {word}" for word in _ordered(counts))
    verdict = _paint(report.outcome, color)
    return f"{verdict}: {listed or 'no claims'} in {duration(report.seconds)}"


def _ordered(words: Iterable[str]) -> list[str]:
    order = ("pass", "waived", "warning", "inconclusive", "vacuous", "fail", "error")
    return sorted(words, key=order.index)


def _word(verdict: Verdict) -> str:
    warns = verdict.claim.severity == "warn" and verdict.outcome not in ("pass", "waived")
    return "warning" if warns else verdict.outcome


def _estimate(verdict: Verdict) -> str:
    if verdict.estimate is None:
        return "no estimate"
    return show(verdict.estimate, percent=verdict.claim.percent)


def _paint(word: str, color: bool) -> str:
    return f"\x1b[1;{_COLOURS.get(word, _RED)}m{word}\x1b[0m" if color else word

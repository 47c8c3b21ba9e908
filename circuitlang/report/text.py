"""For a person at a terminal: one line a claim, then what needs looking at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from circuitlang.report.blocked import Blocked, blocked_text
from circuitlang.report.claim import NO_CLAIMS, block, cover_line, estimate, noteworthy, paint, word
from circuitlang.report.family import family_lines
from circuitlang.report.look import Look
from circuitlang.report.looks import looks_lines
from circuitlang.report.number import duration, show
from circuitlang.report.record import Report
from circuitlang.report.regressions import regression_lines
from circuitlang.report.reuse import reuse_line, reuse_table
from circuitlang.report.sensitivity import sensitivity_blocks
from circuitlang.report.table import aligned, parts_table
from circuitlang.report.tested import hypothesis_line
from circuitlang.syntax.counted import counted
from circuitlang.syntax.render.cells import visible


def render(results: Sequence[Report | Blocked], look: Look) -> str:
    """One after the other, with an empty line between; a blocked one as its diagnostics."""
    return "\n".join(
        render_text(result, color=look.color, explain=look.explain)
        if isinstance(result, Report)
        else blocked_text(result, color=look.color)
        for result in results
    )


def render_text(report: Report, *, color: bool = False, explain: bool = False) -> str:
    """The whole report, ending in a line feed; ``explain`` adds why each claim was measured.

    Whatever a stranger wrote is shown by visible signs: no colours but ours come through.
    """
    blocks = [
        _visible(_header(report)),
        _claims(report, color),
        _visible(_context(report)),
        _visible(reuse_table(report.reuse)) if explain and report.reuse else (),
        *map(_visible, sensitivity_blocks(report.sensitivity or ())),
        *(_visible(parts_table(report.circuit, v)) for v in report.verdicts if v.parts),
        *(block(report, v, color=color) for v in report.verdicts if noteworthy(v)),
        _visible(regression_lines(report.against)) if report.against else (),
        (footer(report, color=color),),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _visible(lines: Iterable[str]) -> Sequence[str]:
    return tuple(map(visible, lines))


def _header(report: Report) -> Sequence[str]:
    circuit, policy = report.circuit, report.circuit.policy
    model = circuit.model.source
    if circuit.model.revision:
        model += f" at {circuit.model.revision[:7]}"
    kept = ", MLPs kept" if circuit.keep_mlps else ""
    return (
        f"{report.path}: {circuit.name} on {model}, {circuit.model.dtype}, "
        f"{report.device}{_executor(report)}",
        f"  {counted(report.examples, 'example')}, granularity {policy.granularity}, ablation "
        f"{policy.ablation}, {policy.positions} positions{kept}, seed {policy.seed}, "
        f"{policy.confidence * 100:g}% intervals{' over all looks' if report.looks else ''}",
        *(f"  preflight: {line}" for line in report.preflight),
        *reuse_line(report.reuse),
    )


def _executor(report: Report) -> str:
    return "" if report.executor == "sparse" else f", {report.executor} executor"


def _claims(report: Report, color: bool) -> Sequence[str]:
    if not report.verdicts:
        return (f"  {NO_CLAIMS}",)
    rows = [
        (word(v), v.claim.name, estimate(v), v.claim.demand, f"n = {v.n}", str(v.claim.measure))
        for v in report.verdicts
    ]
    width = max(len(row[0]) for row in rows)
    return [
        f"  {paint(row[0], color)}{' ' * (width - len(row[0]))}  {rest}".rstrip()
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
    lines += [
        f"  test of {v.claim.name}: {line}" for v in report.verdicts if (line := hypothesis_line(v))
    ]
    lines += family_lines(report)
    lines += looks_lines(report)
    if report.circuit.policy.granularity == "nodes" and report.circuit.claimed_edges:
        lines.append(
            "  note: with `granularity = nodes` the edges of the file are not measured; "
            "`granularity = edges` measures them"
        )
    return lines


def footer(report: Report, *, color: bool = False) -> str:
    """What the whole spec came to, how many claims came to what, and in how long."""
    counts = Counter(map(word, report.verdicts))
    listed = ", ".join(f"{counts[each]} {each}" for each in _ordered(counts))
    outcome = paint(report.outcome, color)
    fell = len(report.against.fallen) if report.against else 0
    fallen = f", {fell} fallen since the evidence" if fell else ""
    return f"{outcome}: {listed or 'no claims'}{fallen} in {duration(report.seconds)}"


def _ordered(words: Iterable[str]) -> list[str]:
    order = ("pass", "waived", "warning", "inconclusive", "vacuous", "fail", "error")
    return sorted(words, key=order.index)

"""What the templates are given: a report, arranged as the page shows it, without any markup of its
own but the pictures."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from circuitlang.circuit.circuit import Claim
from circuitlang.circuit.drawing.markup import Markup
from circuitlang.plan.measures import MEASURES
from circuitlang.report.claim import estimate, word
from circuitlang.report.html.chart import claim_chart, interval_chart, part_bar, parts_axis
from circuitlang.report.looks import looks_lines
from circuitlang.report.number import duration, number, show
from circuitlang.report.pictures import Pattern, Prompt
from circuitlang.report.record import Report
from circuitlang.report.regressions import cells
from circuitlang.report.table import roles_of
from circuitlang.report.tested import part_chance
from circuitlang.score.regression import Regression
from circuitlang.score.verdict import Interval, Part, Verdict

PARTS_SHOWN = 500
SHADES = 10
# A word, and a sign that means the same without colour; what needs looking at comes first.
SIGNS = {
    "invalid": "!",
    "error": "!",
    "fail": "✗",
    "vacuous": "∅",
    "inconclusive": "?",
    "warning": "▲",
    "waived": "≈",
    "pass": "✓",
    "skipped": "–",
    "DIFFER": "≠",
    "UNDECIDED": "?",
    "EQUAL": "=",
    "weakens": "▼",
    "strengthens": "▲",
    "re-measures": "↻",
    "neutral": "·",
    "worse": "▼",
    "undecided": "?",
    "held": "✓",
    "same": "=",
    "not compared": "–",
}


@dataclass(frozen=True)
class Row:
    """A part of a claim's measure, as its table shows it."""

    name: str
    roles: str
    bar: Markup
    value: str
    category: str
    more: str


@dataclass(frozen=True)
class Token:
    """``shade`` is 0 to `SHADES`; ``at`` names the positions that the token is at."""

    text: str
    at: str = ""
    changed: bool = False
    shade: int = 0
    title: str = ""
    query: bool = False


@dataclass(frozen=True)
class Worst:
    index: int
    template: str
    clean: tuple[Token, ...]
    corrupt: Mapping[str, tuple[Token, ...]]
    asks: str
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """One row of a head's attention, and the same in words."""

    prompt: int
    asked: str
    tokens: tuple[Token, ...]
    said: str


@dataclass(frozen=True)
class ClaimView:
    id: str
    verdict: Verdict
    word: str
    value: str
    p: str
    chart: Markup
    definition: str
    inputs: Mapping[str, str]
    rows: tuple[Row, ...]
    hidden: int
    worst: tuple[Worst, ...]
    open: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of parts that are not empty throughout."""
        named = ("roles", "category", "more")
        return tuple(name for name in named if any(getattr(row, name) for row in self.rows))

    @property
    def claim(self) -> Claim:
        return self.verdict.claim


def claims(report: Report, prefix: str) -> tuple[ClaimView, ...]:
    return tuple(_claim(report, v, f"{prefix}-claim{i}") for i, v in enumerate(report.verdicts))


def by_word(views: Sequence[ClaimView]) -> Mapping[str, Sequence[ClaimView]]:
    """The claims of each verdict; a verdict that none has is left out."""
    found: dict[str, list[ClaimView]] = {}
    for view in views:
        found.setdefault(view.word, []).append(view)
    return found


def _claim(report: Report, verdict: Verdict, name: str) -> ClaimView:
    claim = verdict.claim
    rows = _rows(report, verdict)
    return ClaimView(
        name,
        verdict,
        word(verdict),
        estimate(verdict),
        _chances(verdict),
        claim_chart(verdict, name),
        MEASURES[claim.measure.name].summary,
        {key: show(value, percent=False) for key, value in verdict.inputs.items()},
        rows,
        len(verdict.parts) - len(rows),
        tuple(_worst(report, verdict)),
        verdict.outcome in ("fail", "error") or claim.measure.name == "minimality",
    )


def _chances(verdict: Verdict) -> str:
    if verdict.p is None:
        return ""
    alone = _chance(verdict.p)
    return alone if verdict.adjusted is None else f"{alone}; Holm {_chance(verdict.adjusted)}"


def _chance(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def _rows(report: Report, verdict: Verdict) -> tuple[Row, ...]:
    claim = verdict.claim
    # A test's level is no bound for its parts, which are in the unit of the metric.
    tested = verdict.test is not None
    percent = claim.percent and not tested
    parts = sorted(verdict.parts, key=lambda part: -abs(part.estimate.value))[:PARTS_SHOWN]
    both = not tested and claim.measure.name in ("minimality", "completeness", "strongest_path")
    bounds = [claim.threshold, -claim.threshold] if both else [] if tested else [claim.threshold]
    axis = parts_axis(parts, claim.threshold if both else None)
    inside = [bound for bound in bounds if axis.low <= bound <= axis.high]
    return tuple(
        Row(
            part.name,
            roles_of(report.circuit, part.name),
            part_bar(part, axis, inside, percent=percent),
            show(part.estimate, percent=percent),
            part.category or "",
            _more(part, percent=percent),
        )
        for part in parts
    )


def _more(part: Part, *, percent: bool) -> str:
    told = [f"{key} = {show(value, percent=False)}" for key, value in part.inputs.items()]
    if chance := part_chance(part):
        told.insert(0, chance)
    if part.members:
        told.append(" ".join(part.members))
    if part.searched is not None:
        told.append(f"{number(part.searched, percent=percent)} on the examples of the search")
    return "; ".join(told)


# --- prompts ---------------------------------------------------------------------------------


def _worst(report: Report, verdict: Verdict) -> Iterator[Worst]:
    pictures = report.pictures
    if pictures is None:
        return
    for index, numbers in pictures.worst.get(verdict.claim.name, {}).items():
        prompt = pictures.prompts[index]
        yield Worst(
            index,
            prompt.template,
            _tokens(prompt, prompt.clean),
            {name: _tokens(prompt, words) for name, words in prompt.corrupt.items()},
            _asks(prompt),
            {label: f"{value:.3f}" for label, value in numbers.items()},
        )


def _asks(prompt: Prompt) -> str:
    def listed(words: Sequence[str]) -> str:
        shown = " or ".join(f"“{visible(word).strip()}”" for word in words[:4])
        return f"{shown} and {len(words) - 4} more" if len(words) > 4 else shown

    if not prompt.answer:
        return ""
    rival = f" against {listed(prompt.against)}" if prompt.against else ""
    return f"{listed(prompt.answer)}{rival}"


def _tokens(prompt: Prompt, words: Sequence[str]) -> tuple[Token, ...]:
    names = _names(prompt)
    return tuple(
        Token(visible(word), names.get(i, ""), word != prompt.clean[i])
        for i, word in enumerate(words)
    )


def _names(prompt: Prompt) -> Mapping[int, str]:
    """The names of each token's positions. A name that many tokens bear says little of one."""
    found: dict[int, list[str]] = {}
    for name, places in prompt.positions.items():
        if len(places) <= 8:
            for place in places:
                found.setdefault(place, []).append(name)
    return {place: ", ".join(names) for place, names in found.items()}


def visible(text: str) -> str:
    """A token with its line ends shown, so that it stays on its line."""
    return text.replace("\n", "↵").replace("\t", "⇥")


def attention(report: Report) -> Mapping[str, Mapping[str, tuple[Look, ...]]]:
    """Rows by role and head."""
    found: dict[str, dict[str, list[Look]]] = {}
    pictures = report.pictures
    for pattern in pictures.patterns if pictures else ():
        assert pictures is not None
        look = _look(pictures.prompts[pattern.prompt], pattern)
        found.setdefault(pattern.role, {}).setdefault(str(pattern.head), []).append(look)
    return {
        role: {head: tuple(looks) for head, looks in heads.items()} for role, heads in found.items()
    }


def _look(prompt: Prompt, pattern: Pattern) -> Look:
    names = _names(prompt)
    weights = pattern.weights

    def said(place: int) -> str:
        at = f" ({names[place]})" if place in names else ""
        return f"“{visible(prompt.clean[place]).strip()}”{at}"

    most = sorted(range(len(weights)), key=lambda i: -weights[i])[:3]
    tokens = tuple(
        Token(
            visible(word),
            names.get(i, ""),
            shade=round(SHADES * min(max(weights[i], 0.0), 1.0)) if i < len(weights) else 0,
            title=f"{weights[i]:.1%}" if i < len(weights) else "after the query",
            query=i == pattern.query,
        )
        for i, word in enumerate(prompt.clean)
    )
    listed = ", ".join(f"{said(i)} {weights[i]:.0%}" for i in most)
    return Look(prompt.index, said(pattern.query), tokens, listed)


# --- since the evidence -----------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A claim beside its evidence; ``cells`` are those of `circuitlang.report.regressions`."""

    finding: str
    cells: tuple[str, ...]
    chart: Markup


def changes(report: Report, prefix: str) -> tuple[Change, ...]:
    """A row a claim; empty where nothing was compared."""
    if report.against is None:
        return ()
    return tuple(
        Change(one.finding, cells(one)[1:], _moved(one, report.against.most, f"{prefix}-change{i}"))
        for i, one in enumerate(report.against.regressions)
    )


def _moved(one: Regression, most: float, name: str) -> Markup:
    """The change with its interval, and shaded what is allowed."""
    if one.change is None:
        return Markup("")
    region = Interval(-most, math.inf) if one.rises else Interval(-math.inf, most)
    title = f"{one.claim.name}: {show(one.change, percent=one.claim.percent)} now less then"
    return interval_chart(one.change, region, title=title, name=name, percent=one.claim.percent)


# --- the whole file --------------------------------------------------------------------------


def facts(report: Report) -> Mapping[str, str]:
    """What the numbers depend on, in the order in which one asks."""
    circuit, policy = report.circuit, report.circuit.policy
    model = circuit.model.source
    if circuit.model.revision:
        model += f" at {circuit.model.revision}"
    kept = ", MLPs kept" if circuit.keep_mlps else ""
    return {
        "model": f"{model}, {circuit.model.dtype}",
        "examples": f"{report.examples}, seed {policy.seed}",
        "policy": f"granularity {policy.granularity}, ablation {policy.ablation}, "
        f"{policy.positions} positions{kept}",
        "intervals": f"{policy.confidence * 100:g}%, {policy.resamples:,} resamples; "
        f"family {policy.family}; cover {policy.cover or 'none'}",
        "ran on": f"{report.device}, {report.executor} executor, in {duration(report.seconds)}",
        "preflight": "; ".join(report.preflight),
        "growing data": "; ".join(line.strip() for line in looks_lines(report)).replace(":;", ":"),
    }


def digests(report: Report) -> Mapping[str, str]:
    listed = {
        "spec": report.circuit.digest,
        "model": report.model_digest,
        "data": report.data_digest,
    }
    return {name: digest for name, digest in listed.items() if digest}


def commands(report: Report) -> tuple[str, ...]:
    """What gives this report's numbers again, on the same files."""
    policy = report.circuit.policy
    first = report.looks[0].examples if report.looks else policy.examples
    words = ["circuitlang", "verify", report.path]
    words += ["--examples", str(first), "--seed", str(policy.seed)]
    if report.looks:
        words += ["--decide", "--max-examples", str(report.looks[-1].examples)]
    if len(report.verdicts) != len(report.circuit.claims):
        for verdict in report.verdicts:
            words += ["--claim", verdict.claim.name]
    if report.sensitivity is not None:
        shares = all(one.claim.measure.name == "faithfulness" for one in report.sensitivity)
        words.append("--sensitivity" if shares else "--sensitivity=all")
    if report.executor != "sparse":
        words += ["--executor", report.executor]
    if not report.device.startswith("cpu"):
        words += ["--device", report.device]
    # A local version such as 2.13.0+cpu is on no index; the number is the same code.
    packages = [
        f"{name}=={version.partition('+')[0]}"
        for name, version in sorted(report.versions.items())
        if name not in ("python", "circuitlang")
    ]
    own = report.versions.get("circuitlang")
    install = shlex.join(["pip", "install", f"circuitlang[run]=={own}", *packages])
    verify = shlex.join(words)
    return (install, verify) if own else (verify,)

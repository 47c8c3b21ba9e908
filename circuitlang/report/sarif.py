"""SARIF 2.1.0 (OASIS standard): what code scanning shows as alerts beside the lines of a file.

Claims that simply pass are no results: an alert is something to look at. A waived claim is a
suppressed result, since the waiver stands in the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from circuitlang.pages import find_page
from circuitlang.plan.measures import MEASURES
from circuitlang.report.blocked import Blocked, blocked_line
from circuitlang.report.claim import NO_CLAIMS, estimate, headline, remarks
from circuitlang.report.look import Look
from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Diagnostic, Findings, Severity
from circuitlang.syntax.render.cells import visible
from circuitlang.syntax.source import NOWHERE, Source, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_NO_CLAIM = "claim"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """One run with the results of every spec."""
    found = [one for result in results for one in _results(result)]
    skipped = [blocked for blocked in results if blocked.outcome == "skipped"]
    invocation = {
        "executionSuccessful": not any(
            isinstance(result, Blocked) and result.outcome != "skipped" for result in results
        ),
        "toolExecutionNotifications": [
            {"level": "note", "message": {"text": visible(blocked_line(blocked))}}
            for blocked in skipped
            if isinstance(blocked, Blocked)
        ],
    }
    return _document("circuitlang/verify/", found, invocation)


def render_findings(findings: Iterable[Findings]) -> str:
    """One run with every diagnostic of `circuitlang check`."""
    found = [
        _finding(one.source, one.source.name, each) for one in findings for each in one.diagnostics
    ]
    return _document("circuitlang/check/", found, {"executionSuccessful": True})


def _document(run: str, found: Sequence[dict[str, Any]], invocation: Mapping[str, Any]) -> str:
    ids = sorted({result["ruleId"] for result in found})
    results = [{**result, "ruleIndex": ids.index(result["ruleId"])} for result in found]
    seen: Counter[str] = Counter()
    for result in results:
        prints = result["partialFingerprints"]
        identity = prints["circuitlang/v1"]
        seen[identity] += 1
        # The only name that GitHub reads; without a number it takes two alike for one.
        prints["primaryLocationLineHash"] = f"{identity[:16]}:{seen[identity]}"
    whole = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "circuitlang",
                        "semanticVersion": version("circuitlang"),
                        "rules": [_rule(one) for one in ids],
                    }
                },
                "automationDetails": {"id": run},
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
            }
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _results(result: Report | Blocked) -> Iterator[dict[str, Any]]:
    if isinstance(result, Blocked):
        if result.outcome != "skipped":
            source = result.findings.source
            for diagnostic in result.findings.diagnostics:
                yield _finding(source, result.path, diagnostic)
        return
    source = result.circuit.source
    for diagnostic in result.warnings:
        yield _finding(source, result.path, diagnostic)
    if not result.verdicts:
        yield _result(_NO_CLAIM, "error", NO_CLAIMS, _location(source, result.path, NOWHERE))
    for verdict in result.verdicts:
        if verdict.outcome != "pass":
            yield _claim(result, verdict)
        if result.against and (fall := result.against.fall(verdict.claim.name)):
            yield _result(
                _rule_of(verdict),
                "error",
                fall,
                _location(source, result.path, verdict.claim.span),
                fingerprint=f"{verdict.claim.name} fell",
            )


def _claim(report: Report, verdict: Verdict) -> dict[str, Any]:
    claim = verdict.claim
    found = _result(
        _rule_of(verdict),
        "error" if verdict.blocking else "note" if verdict.outcome == "waived" else "warning",
        "\n".join((headline(verdict), *remarks(verdict))),
        _location(report.circuit.source, report.path, claim.span),
        fingerprint=claim.name,
    )
    found["properties"] = {
        "claim": claim.name,
        "verdict": verdict.outcome,
        "claimed": claim.demand,
        "estimate": estimate(verdict),
        "n": verdict.n,
    }
    if verdict.outcome == "waived" and verdict.waiver is not None:
        found["suppressions"] = [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": (
                    f"{visible(verdict.waiver.because)} (until {verdict.waiver.until})"
                ),
            }
        ]
    return found


def _rule_of(verdict: Verdict) -> str:
    return f"{_NO_CLAIM}/{verdict.claim.measure.name}"


def _finding(source: Source, path: str, diagnostic: Diagnostic) -> dict[str, Any]:
    said = (diagnostic.message, diagnostic.help and f"help: {diagnostic.help}", diagnostic.note)
    found = _result(
        diagnostic.code,
        _LEVELS[diagnostic.severity],
        "\n".join(filter(None, said)),
        _location(source, path, diagnostic.span),
        fingerprint=diagnostic.message,
    )
    if diagnostic.secondary and source.text:
        found["relatedLocations"] = [
            {**_location(source, path, label.span), "message": {"text": visible(label.text)}}
            for label in diagnostic.secondary
        ]
    return found


def _result(
    rule: str, level: str, text: str, location: dict[str, Any], fingerprint: str = ""
) -> dict[str, Any]:
    """``fingerprint`` is what stays the same when the line moves or its threshold is edited."""
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    identity = hashlib.sha256("\0".join((rule, uri, visible(fingerprint))).encode()).hexdigest()
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": "\n".join(map(visible, text.split("\n")))},
        "locations": [location],
        "partialFingerprints": {"circuitlang/v1": identity},
    }


def _location(source: Source, path: str, span: Span) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(path), "region": {"startLine": 1}}
    if source.text:
        line, column = source.location(span.start)
        end_line, end_column = source.location(span.end)
        physical["region"] = {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        }
    return {"physicalLocation": physical}


def _artifact(path: str) -> dict[str, str]:
    """Below the folder that the command runs in, which in CI is the repository's, relative to it;
    elsewhere absolute."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 (links stay as they are, `..` does not)
    if not whole.is_relative_to(here := Path.cwd()):
        return {"uri": whole.as_uri()}
    inside = whole.relative_to(here).as_posix()
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": "%SRCROOT%"}


def _rule(name: str) -> dict[str, Any]:
    """A diagnostic's own page, or what the measure of a claim is."""
    kind, _, measure = name.partition("/")
    if kind == _NO_CLAIM and measure:
        one = MEASURES[measure]
        text = f"{one.summary}\n\n{one.reference}"
        return _described(name, f"a claim on {measure} does not hold", one.summary, text)
    if kind == _NO_CLAIM:
        return _described(name, NO_CLAIMS, NO_CLAIMS, "A file without claims verifies nothing.")
    page = find_page(name) or name
    title, summary, *_ = [*page.removeprefix("# ").split("\n"), "", ""]
    return _described(name, title, summary or title, page)


def _described(name: str, short: str, full: str, help_: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": help_, "markdown": help_},
        "defaultConfiguration": {"level": "error"},
    }

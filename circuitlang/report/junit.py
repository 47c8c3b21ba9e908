"""JUnit XML: a suite a spec, a test case a claim. Red is exactly what sets the exit code.

Failed, inconclusive and vacuous claims are failures of that type, a claim that could not be
measured is an error, a waived one is skipped with its reason. Under `else warn` a claim passes, and
what was found stands in its output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from circuitlang.report.blocked import SKIPPED, Blocked, blocked_text
from circuitlang.report.claim import NO_CLAIMS, block, headline, noteworthy, waiver_line
from circuitlang.report.look import Look
from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render as render_findings
from circuitlang.syntax.render.cells import visible

# The test case of what is about the file and no claim of it.
WHOLE = "(the whole file)"

# What XML 1.0 (production 2, Char) leaves out and `visible` lets through: noncharacters.
_NO_CHAR = re.compile("[^\\t\\n\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def render(results: Sequence[Report | Blocked], _look: Look) -> str:
    """One `testsuites` element, however many specs there are."""
    root = ET.Element("testsuites", name="circuitlang")
    for result in results:
        root.append(_blocked(result) if isinstance(result, Blocked) else _report(result))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _report(report: Report) -> ET.Element:
    properties = {
        "circuit": report.circuit.name,
        "spec.digest": report.circuit.digest,
        "model": report.circuit.model.source,
        "model.digest": report.model_digest,
        "data.digest": report.data_digest,
        "examples": report.examples,
        "seed": report.circuit.policy.seed,
        "device": report.device,
        "executor": report.executor,
    }
    cases = [_claim(report, verdict) for verdict in report.verdicts]
    if not cases:
        case = _case(report.path, WHOLE)
        _child(case, "failure", NO_CLAIMS, "inconclusive")
        cases = [case]
    suite = _suite(report.path, cases, report.seconds, properties)
    if report.warnings:
        found = Findings(report.circuit.source, report.warnings)
        ET.SubElement(suite, "system-err").text = _safe(render_findings(found, "full"))
    return suite


def _blocked(blocked: Blocked) -> ET.Element:
    case = _case(blocked.path, WHOLE)
    if blocked.outcome == "skipped":
        _child(case, "skipped", SKIPPED)
    else:
        _child(case, "error", blocked.reason, blocked.outcome, blocked_text(blocked))
    return _suite(blocked.path, [case], 0.0, {})


def _claim(report: Report, verdict: Verdict) -> ET.Element:
    source, claim = report.circuit.source, verdict.claim
    case = _case(report.path, claim.name, verdict.seconds)
    if source.text:
        case.set("line", str(source.location(claim.span.start)[0]))
    _properties(case, _evidence(verdict))
    text = "\n".join(block(report, verdict))
    fall = report.against.fall(claim.name) if report.against else ""
    if fall:
        text += f"\n  = against: {fall}"
    if verdict.blocking and verdict.outcome == "error":
        _child(case, "error", headline(verdict), "error", text)
    elif verdict.blocking:
        _child(case, "failure", headline(verdict), verdict.outcome, text)
    elif fall:
        _child(case, "failure", fall, "worse", text)
    elif verdict.outcome == "waived":
        _child(case, "skipped", f"waived {waiver_line(verdict)}", "waived", text)
    elif noteworthy(verdict):
        ET.SubElement(case, "system-out").text = _safe(text)
    return case


def _evidence(verdict: Verdict) -> dict[str, object]:
    found = {
        "verdict": verdict.outcome,
        "judged": verdict.judged,
        "severity": verdict.claim.severity,
        "measure": str(verdict.claim.measure),
        "formula": verdict.formula,
        "claimed": verdict.claim.demand,
        "n": verdict.n,
        "confidence": verdict.confidence,
        "p": verdict.p,
        "adjusted_p": verdict.adjusted,
    }
    if verdict.estimate is not None:
        value, (low, high) = verdict.estimate
        found["estimate"] = value
        if verdict.test is None:
            found["interval"] = f"[{low}, {high}]"
    return found


def _suite(
    path: str, cases: Sequence[ET.Element], seconds: float, properties: Mapping[str, object]
) -> ET.Element:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = ET.Element(
        "testsuite",
        name=_safe(path),
        tests=str(len(cases)),
        failures=count("failure"),
        errors=count("error"),
        skipped=count("skipped"),
        time=f"{seconds:.3f}",
    )
    _properties(suite, properties)
    suite.extend(cases)
    return suite


def _case(path: str, name: str, seconds: float = 0.0) -> ET.Element:
    return ET.Element(
        "testcase",
        name=_safe(name),
        classname=_safe(path),
        file=_safe(path),
        time=f"{seconds:.3f}",
    )


def _properties(parent: ET.Element, values: Mapping[str, object]) -> None:
    told = {name: str(value) for name, value in values.items() if value is not None}
    if told:
        listed = ET.SubElement(parent, "properties")
        for name, value in told.items():
            ET.SubElement(listed, "property", name=name, value=_safe(value))


def _child(
    case: ET.Element, tag: str, message: str, kind: str | None = None, text: str | None = None
) -> None:
    child = ET.SubElement(case, tag, message=_safe(message))
    if kind is not None:
        child.set("type", kind)
    if text is not None:
        child.text = _safe(text)


def _safe(text: str) -> str:
    """What may stand in XML 1.0, with control characters as visible signs."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return _NO_CHAR.sub("\ufffd", shown)

"""The text in evidence, and the day that it is of."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.syntax.render import render
from tests.pipeline.evidences import (
    SPEC,
    TODAY,
    Content,
    edit,
    recorded,
    refusal,
    verified,
    waived,
)


def test_evidence_is_not_of_the_future(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    assert read_evidence(path, TODAY - timedelta(days=1))[0] is not None, "it is late in Auckland"
    problem = refusal(path, TODAY - timedelta(days=2))
    assert problem.code == "edited-evidence"
    assert "date: recorded 2026-11-01, and today is 2026-10-30" in (problem.note or "")


def test_a_waiver_that_has_ended_since_is_told(tmp_path: Path) -> None:
    path = recorded(tmp_path, verified(tmp_path, waived("2026-11-20")))
    warnings = []
    for today in (date(2026, 11, 20), date(2026, 11, 21)):
        found, _ = read_evidence(path, today)
        assert found is not None
        (verdict,) = [v for v in found.verdicts() if v.claim.name == "mover_matters"]
        assert verdict.outcome == "waived"
        warnings.append(found.report.warnings)
    assert warnings[0] == ()
    ((warning,),) = warnings[1:]
    assert warning.code == "expired-waiver"
    assert "`mover_matters` ended on 2026-11-20, after this was recorded" in warning.message


def uncompilable(content: Content) -> None:
    content["text"] = content["text"].replace("  keep mlps", "  keep nothing")


def test_a_text_that_does_not_compile_is_named(tmp_path: Path) -> None:
    path = edit(recorded(tmp_path), uncompilable, sealed=True)
    found, findings = read_evidence(path, TODAY)
    assert found is None
    assert findings.source.name == f"the text in {path}"
    line = content_line(SPEC, "keep mlps")
    assert f"the text in {path}:{line}:" in render(findings, "concise")


def content_line(text: str, part: str) -> int:
    return 1 + text[: text.index(part)].count("\n")


def test_a_broken_seal_comes_before_a_broken_text(tmp_path: Path) -> None:
    problem = refusal(edit(recorded(tmp_path), uncompilable))
    assert problem.code == "edited-evidence"
    assert "its seal does not fit" in problem.message
    assert f"text, line {content_line(SPEC, 'keep mlps')}" in (problem.note or "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\ufeffedition 1", "byte-order-mark"),
        ("\0", "not-text"),
        ("#" * (1 << 21), "spec-too-large"),
    ],
    ids=["mark", "null", "large"],
)
def test_the_text_is_held_to_what_holds_for_a_file(tmp_path: Path, text: str, code: str) -> None:
    path = edit(recorded(tmp_path), lambda c: c.update(text=text), sealed=True)
    assert refusal(path).code == code


def test_a_missing_word_list_is_looked_for_beside_the_evidence(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    (tmp_path / "names.txt").unlink()
    _, findings = read_evidence(path, TODAY)
    (problem,) = [one for one in findings.diagnostics if one.code == "missing-file"]
    assert f"looked up beside the evidence, in `{tmp_path}`" in (problem.note or "")


def test_without_a_shape_only_what_needs_none_is_judged(tmp_path: Path) -> None:
    text = SPEC.replace("gpt2", "unknown").replace("  keep mlps\n", "")
    report = verified(tmp_path, text)
    assert report.circuit.shape is None
    assert read_evidence(recorded(tmp_path, report), TODAY)[0] is not None
    path = edit(
        recorded(tmp_path, report),
        lambda c: c.update(text=text.replace("effect(of=mover)", "strongest_path(to=logits)")),
        sealed=True,
    )
    assert "shape: recorded null" in (refusal(path).note or "")

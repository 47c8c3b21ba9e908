"""What holds for every format of the table."""

from __future__ import annotations

import pytest

from circuitlang.report import FORMATS, render, render_all
from circuitlang.report.blocked import skipped_without_model
from tests.report.reports import invalid, nasty, report, without_model


@pytest.mark.parametrize("form", FORMATS)
def test_a_blocked_spec_never_vanishes(form: str) -> None:
    text = render_all([report(), invalid(), without_model()], form)
    for said in ("specs/tiny.circuit", "specs/bad.circuit", "specs/far.circuit"):
        assert said in text
    assert "there is no measure `c`" in text
    assert "is not here" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_skipped_spec_is_named(form: str) -> None:
    text = render_all([report(), skipped_without_model(without_model())], form)
    assert "specs/far.circuit" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_document_ends_in_a_line_feed_and_can_be_written(form: str) -> None:
    text = render_all([report(), nasty()], form)
    assert text.endswith("\n")
    if form != "json":
        assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"json"}))
def test_no_control_character_comes_through(form: str) -> None:
    assert not set(render(nasty(), form)) & set("\x00\x1b\r\u202e\udc80")


def test_only_a_model_that_is_missing_is_skipped() -> None:
    assert skipped_without_model(without_model()).exit_code == 0
    assert skipped_without_model(invalid()) == invalid()

"""Workflow commands: the escapes are those of GitHub's own toolkit."""

from __future__ import annotations

import re
from dataclasses import replace

from circuitlang.report import render, render_all
from circuitlang.report.blocked import skipped_without_model
from tests.report.reports import invalid, nasty, report, vacuous, without_model

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def test_a_report_reads_like_this() -> None:
    first, *_, last = render(report(), "github").splitlines()
    assert first.startswith(
        "::error file=specs/tiny.circuit,line=4,col=9,endLine=4,endColumn=17,"
        "title=fail%3A faithful::`faithful` is 90.0%25, claimed >= 95%25%0Aformula: F(C) / F(M)"
    )
    assert last.startswith("fail: 2 pass, 1 waived, 1 warning, 1 inconclusive, 1 fail in 1 min")
    assert last.endswith(": specs/tiny.circuit")


def test_what_does_not_count_towards_the_exit_code_is_no_error() -> None:
    levels = {
        match[2].rpartition("%3A ")[2]: match[1]
        for match in COMMAND.finditer(render(report(), "github"))
    }
    assert levels == {
        "faithful": "error",
        "minimal": "warning",
        "near": "error",
        "strong": "notice",
    }
    assert "::error" in render(vacuous(), "github")
    assert "::error" in render(replace(report(), verdicts=()), "github")


def test_a_blocked_spec_is_annotated_where_it_is_wrong() -> None:
    text = render_all([invalid(), without_model()], "github")
    assert "file=specs/bad.circuit,line=3,col=12" in text
    assert "::error file=specs/far.circuit,line=3,col=3" in text


def test_a_skipped_spec_is_a_notice() -> None:
    text = render(skipped_without_model(without_model()), "github")
    assert [match[1] for match in COMMAND.finditer(text)] == ["notice"]


def test_a_stranger_can_begin_no_command() -> None:
    lines = render(nasty(), "github").splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == 4
    assert all(COMMAND.fullmatch(line) for line in commands)
    assert "file=a|b`c`␊%3A%3Aerror%3A%3A<b>" in commands[0]
    assert "%250A%2C%3A" in commands[0]
    (plain,) = [line for line in lines if line not in commands]
    assert plain.startswith("fail: ")

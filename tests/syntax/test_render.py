"""One set of findings in four forms."""

from __future__ import annotations

import json

import pytest

from circuitlang.syntax.diagnostic import Diagnostic, Findings, Label, Severity
from circuitlang.syntax.render import FORMATS, render
from circuitlang.syntax.source import NOWHERE, Source, Span

TEXT = "".join(f"line {number}\n" for number in range(1, 61))
SOURCE = Source(TEXT, "specs/ioi.circuit")


def at(line: int, word: str = "line") -> Span:
    start = TEXT.index(f"line {line}\n")
    return Span(start, start + len(word))


def findings(*diagnostics: Diagnostic, source: Source = SOURCE) -> Findings:
    return Findings(source, diagnostics)


def test_the_full_form() -> None:
    found = Diagnostic(
        "position-mismatch",
        "`a` writes at END",
        at(58),
        label="this port is read at IO",
        secondary=(Label(at(45), "reads q at END"), Label(at(47), "here too")),
        help="write `via q`",
        note="a note",
    )
    assert render(findings(found)) == (
        "error[position-mismatch]: `a` writes at END\n"
        "  --> specs/ioi.circuit:58:1\n"
        "   |\n"
        "45 | line 45\n"
        "   | ---- reads q at END\n"
        "46 | line 46\n"
        "47 | line 47\n"
        "   | ---- here too\n"
        "  ...\n"
        "58 | line 58\n"
        "   | ^^^^ this port is read at IO\n"
        "   = help: write `via q`\n"
        "   = note: a note\n"
        "   = note: see `circuitlang explain position-mismatch`\n"
    )


def test_several_labels_in_one_line() -> None:
    source = Source("one two three", "x")
    found = Diagnostic(
        "c",
        "m",
        Span(8, 13),
        label="last",
        secondary=(Label(Span(0, 3), "first"), Label(Span(4, 7), "second")),
    )
    assert render(findings(found, source=source)).splitlines()[2:8] == [
        "  |",
        "1 | one two three",
        "  | --- --- ^^^^^ last",
        "  | |   |",
        "  | |   second",
        "  | first",
    ]


@pytest.mark.parametrize("before", ["\t", "日本", "e\u0301", "  ", "\x1b", "\u202e"])
def test_marks_stand_below_what_they_mark(before: str) -> None:
    source = Source(f"{before}X", "x")
    found = Diagnostic("c", "m", Span(len(before), len(before) + 1))
    line, marks = render(findings(found, source=source)).splitlines()[3:5]
    wide = {"\t": 4, "日本": 4, "e\u0301": 1}.get(before, len(before))
    assert marks == "  | " + " " * wide + "^"
    assert line.endswith("X")


def test_the_end_of_a_line_can_be_marked() -> None:
    found = Diagnostic("c", "m", Span(6, 6))
    assert "1 | line 1\n  |       ^\n" in render(findings(found))


def test_a_very_long_line_is_cut() -> None:
    source = Source("x" * 5000 + "Y" + "x" * 5000, "x")
    found = Diagnostic("c", "m", Span(5000, 5001))
    line, marks = render(findings(found, source=source)).splitlines()[3:5]
    assert len(line) < 300
    assert line[marks.index("^")] == "Y"


def test_a_finding_without_a_text() -> None:
    found = Diagnostic("unreadable-file", "there is no file `x`", NOWHERE)
    assert render(findings(found, source=Source("", "x"))) == (
        "error[unreadable-file]: there is no file `x`\n"
        " --> x\n"
        "  = note: see `circuitlang explain unreadable-file`\n"
    )


def test_the_concise_form() -> None:
    found = Diagnostic("c", "m", at(3), severity=Severity.WARNING)
    assert render(findings(found), "concise") == "specs/ioi.circuit:3:1: warning[c]: m\n"


def test_the_json_form() -> None:
    found = Diagnostic("c", "m", at(3), "here", (Label(at(1), "there"),), "h", "n")
    (entry,) = json.loads(render(findings(found), "json"))
    assert entry == {
        "code": "c",
        "severity": "error",
        "message": "m",
        "path": "specs/ioi.circuit",
        "start": {"line": 3, "column": 1, "offset": 14},
        "end": {"line": 3, "column": 5, "offset": 18},
        "label": "here",
        "labels": [
            {
                "text": "there",
                "start": {"line": 1, "column": 1, "offset": 0},
                "end": {"line": 1, "column": 5, "offset": 4},
            }
        ],
        "help": "h",
        "note": "n",
    }


def test_the_form_for_github() -> None:
    source = Source("text", "a,b:c%.circuit")
    found = Diagnostic("c", "100% ::error:: x", Span(0, 4), help="h", severity=Severity.NOTE)
    assert render(findings(found, source=source), "github") == (
        "::notice file=a%2Cb%3Ac%25.circuit,line=1,col=1,endLine=1,endColumn=5,title=c"
        "::100%25 ::error:: x%0Ahelp: h\n"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_character_comes_through(form: str) -> None:
    nasty = "\x1b[31m\r\x07\x9b\u202e\u2028"
    found = Diagnostic("c", nasty, Span(0, 2), nasty, help=nasty, note=nasty)
    said = render(findings(found, source=Source(nasty, nasty)), form)
    assert not set(said) & set(nasty.replace("[31m", ""))


def test_many_findings_are_counted() -> None:
    found = [Diagnostic("c", f"m{number}", at(number)) for number in range(1, 31)]
    assert render(findings(*found), "concise").endswith("m20\nand 10 more\n")
    assert render(findings(*found), limit=29).endswith("\nand 1 more\n")
    assert "and" not in render(findings(*found), limit=30)
    assert "::and 10 more" in render(findings(*found), "github")
    assert len(json.loads(render(findings(*found), "json"))) == 30


def test_colours_only_when_asked() -> None:
    found = Diagnostic("c", "m", at(1), "here")
    assert "\x1b[" not in render(findings(found))
    for form in ("full", "concise"):
        assert "\x1b[1;31merror[c]\x1b[0m" in render(findings(found), form, color=True)


def test_the_order_is_that_of_the_text() -> None:
    found = [Diagnostic("c", f"m{number}", at(number)) for number in (3, 1, 2)]
    said = render(findings(*found), "concise")
    assert said.index("m1") < said.index("m2") < said.index("m3")

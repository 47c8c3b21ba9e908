"""What the gate found, in every format."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from circuitlang.report.gate import FORMATS, render
from circuitlang.report.gate.json import schema
from circuitlang.report.gate.record import Gate, Judged, Kind, Outcome, Side
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import NOWHERE, Source
from tests.check.diff.texts import BASE, changed, difference

HOSTILE = "a\n::error::b\x1b[31m\u202e.circuit"
VALIDATOR = jsonschema.Draft202012Validator(schema())


def judged(
    outcome: Outcome, kind: Kind = "changed", path: str = "a.circuit", text: str = ""
) -> Judged:
    problem = Diagnostic("unreadable-file", f"`{path}` is a symbolic link", NOWHERE)
    problems = (problem,) if outcome == "invalid" else ()
    return Judged(path, kind, outcome, Findings(Source(text, path), problems))


def weaker(*changes: tuple[str, str]) -> Judged:
    text = changed(*changes)
    return Judged(
        "a.circuit", "changed", "weaker", Findings(Source(text, "a.circuit"), ()),
        difference(BASE, text),
    )  # fmt: skip


def gate(*files: Judged, unchanged: int = 0) -> Gate:
    return Gate(Side("main", "b" * 40), Side("HEAD", "c" * 40), files, unchanged)


ALL = gate(
    judged("sound", "new"),
    weaker((">= 90%", ">= 80%")),
    judged("weaker", "gone"),
    judged("invalid", "gone", HOSTILE),
    Judged("n", "changed", "sound", Findings(Source("", "n"), ()), notes=(HOSTILE,)),
    unchanged=3,
)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("of", [ALL, gate(), gate(weaker((">= 90%", ">= 80%")))])
def test_json_keeps_to_its_schema(of: Gate) -> None:
    record = json.loads(render(of, "json"))
    VALIDATOR.validate(record)
    assert record["exit_code"] == of.exit_code
    assert [file["path"] for file in record["files"]] == [one.path for one in of.files]


def test_a_missing_commit_is_null() -> None:
    record = json.loads(render(Gate(Side("0" * 40, None), Side("x", "c"), (), 0), "json"))
    VALIDATOR.validate(record)
    assert record["base"] == {"revision": "0" * 40, "commit": None}


@pytest.mark.parametrize("form", ["text", "github"])
def test_what_it_came_to_is_the_last_line(form: str) -> None:
    assert render(ALL, form).splitlines()[-1] == (
        f"specs since {'b' * 12}: 1 invalid, 2 weaker, 2 sound, 3 unchanged"
    )


@pytest.mark.parametrize("form", ["text", "github"])
def test_no_name_gives_commands(form: str) -> None:
    """Neither to a terminal nor to GitHub's runner."""
    text = render(ALL, form)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n::error::" not in text


def test_an_annotation_stands_at_the_claim_that_got_weaker() -> None:
    """That of a claim that is gone, at the first line."""
    one = weaker((">= 90%", ">= 80%"))
    line = 1 + one.findings.source.text.split(">= 80%")[0].count("\n")
    assert f"::error file=a.circuit,line={line}," in render(gate(one), "github")
    claim = re.findall(r"\n( *claim [^\n]*)", BASE)[0]
    said = render(gate(weaker((claim, ""))), "github")
    assert said.startswith("::error file=a.circuit,line=1,col=1,endLine=1,")
    assert " → nothing\n" in said


def test_only_what_weakens_is_annotated() -> None:
    one = weaker((">= 90%", ">= 80%"), ("A demo.", "Another demo."))
    assert one.difference is not None
    assert len(one.difference.changes) == 2
    assert render(gate(one), "github").count("::error") == 1


def test_colour_changes_no_word() -> None:
    plain, painted = render(ALL), render(ALL, color=True)
    assert "\x1b[1;31mweakens\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_a_format_that_there_is_not_is_refused() -> None:
    assert len({render(ALL, form) for form in FORMATS}) == len(FORMATS)
    with pytest.raises(ValueError, match="no format `xml`; there are text, json, github"):
        render(ALL, "xml")

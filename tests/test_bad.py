"""Bad programs and what the front end says about them: tests/bad/**/*.circuit, each with its
`.expected` beside it. `pytest tests/test_bad.py --update-goldens` rewrites those."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from circuitlang.pipeline.compile import compile_source
from circuitlang.syntax.read import read
from circuitlang.syntax.render import render
from circuitlang.syntax.source import Source

BAD = Path(__file__).parent / "bad"
TODAY = date(2026, 12, 1)


def name_of(path: Path) -> str:
    return path.relative_to(BAD).as_posix()


@pytest.mark.parametrize("path", sorted(BAD.rglob("*.circuit")), ids=name_of)
def test_what_is_said_about_a_bad_program(path: Path, update_goldens: bool) -> None:
    source, problems = read(path)
    assert source is not None, problems
    findings = compile_source(Source(source.text, name_of(path)), path.parent, TODAY).findings
    said = render(findings, "full")
    assert said, "a bad program has at least one finding"
    expected = path.with_suffix(".expected")
    if update_goldens:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")

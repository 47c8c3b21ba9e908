"""Bad specs and all that is said about them. `--update-goldens` rewrites; review the diff."""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.check import check
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.parse import parse
from circuitlang.syntax.render import render
from circuitlang.syntax.source import Source
from tests.check.specs import TODAY

BAD = Path(__file__).parents[1] / "bad" / "check"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.circuit")), ids=lambda path: path.stem)
def test_what_is_said(path: Path, update_goldens: bool) -> None:
    source = Source(path.read_text(encoding="utf-8"), path.name)
    file, problems = parse(source)
    assert not problems
    circuit, found = check(file, source, path.parent, TODAY)
    assert circuit is None
    said = render(Findings(source, found), "full")
    golden = path.with_suffix(".expected")
    if update_goldens:
        golden.write_text(said, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == said

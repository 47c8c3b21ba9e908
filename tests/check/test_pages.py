"""The checker's pages are executed: what fails gives exactly its code, what passes no error.

Pages of other rooms are executed too, where their examples are whole files.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from circuitlang.check import check
from circuitlang.pages import find_page, known_codes
from circuitlang.syntax.diagnostic import Severity, has_errors
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.check.specs import TODAY
from tests.check.test_codes import codes_of

CHECKER = sorted(codes_of("check"))
_FORM = re.compile(
    r"# (?P<code>\S+)\n\S[^\n]*\n\n.+?\n## Fails\n```(?P<how>\w+)\n(?P<fails>.+?)```\n"
    r"\n## Passes\n```(?P<well>\w+)\n(?P<passes>.+?)```\n\Z",
    re.DOTALL,
)


def page(code: str) -> dict[str, str]:
    match = _FORM.match(find_page(code) or "")
    assert match is not None, f"{code}.md is not in the form of a page"
    return match.groupdict()


def findings(text: str, root: Path) -> set[str]:
    source = Source(text)
    file, problems = parse(source)
    more = () if has_errors(problems) else check(file, source, root, TODAY)[1]
    return {d.code for d in (*problems, *more) if d.severity is Severity.ERROR}


@pytest.mark.parametrize("code", CHECKER)
def test_page_has_the_form_of_a_page(code: str) -> None:
    assert page(code)["code"] == code


@pytest.mark.parametrize("code", CHECKER)
def test_failing_example_gives_exactly_its_code(code: str, folder: Path) -> None:
    parts = page(code)
    if parts["how"] == "circuit":
        assert findings(parts["fails"], folder) == {code}


@pytest.mark.parametrize("code", CHECKER)
def test_passing_example_gives_no_error(code: str, folder: Path) -> None:
    parts = page(code)
    if parts["well"] == "circuit":
        assert findings(parts["passes"], folder) == set()


def test_most_examples_are_executed() -> None:
    assert sum(page(code)["how"] == "circuit" for code in CHECKER) > len(CHECKER) * 0.8


def test_every_page_is_named_after_its_code() -> None:
    for code in known_codes():
        assert (find_page(code) or "").startswith(f"# {code}\n")

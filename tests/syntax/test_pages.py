"""Each code of this room has a page, and the page tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import circuitlang.syntax
from circuitlang.pages import find_page
from tests.syntax.examples import codes

ROOM = Path(circuitlang.syntax.__file__).parent
CODE = re.compile(r'(?:Diagnostic|_refuse)\(\s*"([a-z-]+)"')
CODES = sorted({code for path in ROOM.rglob("*.py") for code in CODE.findall(path.read_text())})
BLOCK = re.compile(r"## (Fails|Passes)\n```circuit\n(.*?)```", re.DOTALL)
IN_WORDS = {  # what a text alone cannot show
    *("byte-order-mark", "format-failed", "not-text", "spec-too-large"),
    *("too-many-errors", "unreadable-file"),
}


def test_the_codes_are_found_in_the_source() -> None:
    assert len(CODES) > 20
    assert set(CODES) >= IN_WORDS


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_page(code: str) -> None:
    page = find_page(code)
    assert page is not None
    assert page.startswith(f"# {code}\n")


@pytest.mark.parametrize("code", sorted(set(CODES) - IN_WORDS))
def test_a_page_shows_its_mistake_and_how_to_mend_it(code: str) -> None:
    blocks = dict(BLOCK.findall(find_page(code) or ""))
    assert codes(blocks["Fails"]) == [code]
    assert codes(blocks["Passes"]) == []

"""Codes in the source and pages in the package are the same set."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import circuitlang
from circuitlang.pages import known_codes

PACKAGE = Path(circuitlang.__file__).parent
_CODE = re.compile(r"[a-z]+(-[a-z]+)+")


def _codes(path: Path) -> Iterator[str]:
    """The first argument of every call of `Diagnostic`, both arms of a conditional included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id != "Diagnostic" or not node.args:
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def codes_of(room: str) -> set[str]:
    return {code for path in (PACKAGE / room).rglob("*.py") for code in _codes(path)}


def _words(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("code", sorted(codes_of("check") | codes_of("exchange")))
def test_code_has_a_page(code: str) -> None:
    assert _CODE.fullmatch(code)
    assert code in known_codes()


def test_every_page_is_for_a_code_that_is_emitted() -> None:
    emitted = {word for path in PACKAGE.rglob("*.py") for word in _words(path)}
    assert set(known_codes()) <= emitted

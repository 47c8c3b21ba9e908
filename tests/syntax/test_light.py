"""Parsing a file loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"torch", "transformers", "networkx", "numpy", "scipy", "rich", "click"}


def test_parsing_and_rendering_load_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from circuitlang.syntax.parse import parse\n"
        "from circuitlang.syntax.format import format_source\n"
        "from circuitlang.syntax.render import render\n"
        "from circuitlang.syntax.source import Source\n"
        "parse(Source('edition 1 circuit c {}'))\n"
        "print(*sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(run.stdout.split())

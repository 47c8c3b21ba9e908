"""The house: which room may import which, what stays light, and how large a file may grow."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.check.specs import spec
from tests.pipeline.bare import Bare

PACKAGE = Path(__file__).parents[1] / "circuitlang"

# A room may import the rooms named here and itself; see docs/design/001-rooms.md.
MAY_IMPORT = {
    "syntax": set(),
    "circuit": {"syntax"},
    "plan": {"syntax", "circuit"},
    "check": {"syntax", "circuit", "plan"},
    "task": {"syntax", "circuit"},
    "model": {"syntax", "circuit", "task"},
    "run": {"syntax", "circuit", "plan", "task", "model"},
    "score": {"syntax", "circuit", "plan"},
    "report": {"syntax", "circuit", "plan", "score", "pages"},
    "exchange": {"syntax", "circuit"},
    "store": {"syntax", "circuit", "plan", "task"},
    "pipeline": {"syntax", "circuit", "check", "plan", "task", "model", "run", "score", "report"}
    | {"store"},
    "cli": {"syntax", "circuit", "check", "plan", "score", "report", "store", "pages", "pipeline"}
    | {"model", "exchange"},
    "pages": set(),
}

LIGHT = ("syntax", "circuit", "plan", "check", "task", "store", "exchange")
HEAVY = ("torch", "transformers", "numpy", "scipy", "networkx")


def modules(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The circuitlang rooms that a file imports, at any depth of nesting."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("circuitlang.")}


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}
    strays = {str(path.relative_to(PACKAGE)): imported(path) - allowed for path in modules(room)}
    assert {path: rooms for path, rooms in strays.items() if rooms} == {}


def test_every_folder_is_a_room_with_a_rule() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(MAY_IMPORT)


@pytest.mark.parametrize("room", LIGHT)
def test_light_rooms_import_nothing_heavy(room: str) -> None:
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in modules(room)
    ]
    assert _loaded_after("\n".join(f"import {name}" for name in names)) == []


def test_checking_a_file_imports_nothing_heavy(tmp_path: Path) -> None:
    spec = tmp_path / "empty.circuit"
    spec.write_text("edition 1\n\ncircuit x {\n}\n")
    code = f"""
from click.testing import CliRunner
from circuitlang.cli import cli
for command in (["check"], ["fmt"], ["show"]):
    CliRunner().invoke(cli, [*command, {str(spec)!r}])
whole = {str(PACKAGE.parent / "specs" / "gpt2" / "ioi.circuit")!r}
for form in ("text", "json", "markdown"):
    assert CliRunner().invoke(cli, ["diff", whole, whole, "--format", form]).exit_code == 0
"""
    assert _loaded_after(code) == []


def test_the_gate_imports_nothing_heavy(tmp_path: Path) -> None:
    bare = Bare(tmp_path / "repository.git")
    text = spec("claim right: accuracy(of=model) >= 90%")
    weak = text.replace("90%", "80%")
    before = bare.commit({"weaker.circuit": text, "gone.circuit": text, "broken.circuit": text})
    after = bare.commit({"weaker.circuit": weak, "new.circuit": text, "broken.circuit": ""}, before)
    code = f"""
import os
from click.testing import CliRunner
from circuitlang.cli import cli
os.chdir({str(bare.folder)!r})
for form in ("text", "json", "github"):
    done = CliRunner().invoke(cli, ["gate", {before!r}, {after!r}, "--format", form])
    assert done.exit_code == 2, done.output
    assert "80%" in done.output, done.output
"""
    assert _loaded_after(code) == []


def test_showing_evidence_needs_no_torch() -> None:
    evidence = PACKAGE.parent / "specs" / "ioi_smollm2_edges.evidence.json"
    code = f"""
from click.testing import CliRunner
from circuitlang.cli import cli
done = CliRunner().invoke(cli, ["report", {str(evidence)!r}, "--format", "json"])
assert done.exit_code == 0, done.output
"""
    assert _loaded_after(code) == ["numpy", "scipy"]


def _loaded_after(code: str) -> list[str]:
    report = f"import sys\n{code}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", report], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def test_files_stay_readable() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    code = [n for n in lengths.values() if n > 0]
    assert {str(path): n for path, n in lengths.items() if n > 800} == {}
    assert statistics.median(code) < 200

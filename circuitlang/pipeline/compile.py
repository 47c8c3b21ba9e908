"""Text to circuit: the front end in one function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from circuitlang.check import check
from circuitlang.circuit.circuit import Circuit
from circuitlang.syntax.diagnostic import Findings, has_errors, in_order
from circuitlang.syntax.parse import parse
from circuitlang.syntax.read import read
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import File


@dataclass(frozen=True)
class Compiled:
    """``circuit`` is None where the findings hold an error; ``file`` is None where nothing could
    be read at all."""

    file: File | None
    circuit: Circuit | None
    findings: Findings


def compile_file(path: Path, today: date | None = None) -> Compiled:
    """Reads, parses and checks one `.circuit` file. Never raises for what the file says.

    Relative paths in the spec are looked up beside it; ``today`` decides which waivers have
    expired.
    """
    source, problems = read(path)
    if source is None:
        return Compiled(None, None, Findings(Source("", str(path)), problems))
    return compile_source(source, path.parent, today)


def compile_source(source: Source, root: Path, today: date | None = None) -> Compiled:
    """The same for a text that is already in memory; ``root`` is its project folder."""
    file, problems = parse(source)
    unread = has_errors(problems)
    circuit, more = check(file, source, root, today or date.today(), partial=unread)
    findings = Findings(source, in_order((*problems, *more)))
    return Compiled(file, None if findings.failed else circuit, findings)

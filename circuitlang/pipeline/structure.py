"""Two files to an edit script: what `circuitlang diff` does without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from circuitlang.check.diff import Spec
from circuitlang.circuit.circuit import Circuit, FileData, PromptData
from circuitlang.pipeline.compile import Compiled, compile_source
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.syntax.diagnostic import Findings, Severity
from circuitlang.syntax.read import read
from circuitlang.syntax.source import Source

# What is wrong with a file beside a spec, and not with the spec: its pins say what was meant.
BESIDE = frozenset(
    {
        *("missing-file", "digest-mismatch", "file-too-large", "bad-word-list"),
        *("not-enough-words", "not-enough-examples"),
    }
)

# A comparison looks back, so no waiver is held to today.
LONG_AGO = date.min


def read_spec(path: Path, root: Path | None = None) -> tuple[Spec, Compiled] | Blocked:
    """A file to compare; what it names beside it is looked up in ``root``, its own folder if None.

    Blocked where the text is no sound spec. Files beside it may be missing or changed: they are
    then compared by what the text says of them, and the findings are warnings.
    """
    source, problems = read(path)
    if source is None:
        return Blocked(str(path), Findings(Source("", str(path)), problems), EXIT_INVALID)
    return spec_of(source, root or path.parent)


def spec_of(source: Source, root: Path) -> tuple[Spec, Compiled] | Blocked:
    """As `read_spec`, for a text in memory."""
    compiled = compile_source(source, root, LONG_AGO)
    errors = {d.code for d in compiled.findings.diagnostics if d.severity is Severity.ERROR}
    if compiled.file is None or not errors <= BESIDE:
        return Blocked(source.name, compiled.findings, EXIT_INVALID)
    findings = tuple(replace(d, severity=Severity.WARNING) for d in compiled.findings.diagnostics)
    beside = tuple(d for d in findings if d.code in BESIDE)
    return (
        Spec(source, compiled.file, contents(compiled.circuit)),
        replace(compiled, findings=Findings(source, beside)),
    )


def contents(circuit: Circuit | None) -> Mapping[str, str]:
    """The digests of the data that the circuit was made with, by the path of the fact."""
    if circuit is None:
        return {}
    match circuit.task.data:
        case PromptData(words=words):
            return {f"task/words/{name}": entry.sha256 for name, entry in words.items()}
        case FileData(sha256=sha256):
            return {"task/data": sha256}
        case _:
            return {}

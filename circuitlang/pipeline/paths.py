"""`circuitlang paths`: path patching from every component of a model to one receiver of a spec.

It is one claim, `strongest_path`, put in the place of the spec's own: so its arguments are checked
by the same rules, and it is measured, kept and judged as any claim is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from circuitlang.check import check
from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.compile import compile_file
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Findings, has_errors, in_order
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source

CLAIM = "paths"
_NAME = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True)
class Question:
    """Which paths: into ``to`` (a role, a head, an MLP or ``logits``) through port ``via`` or any,
    from ``senders``: ``heads``, ``mlps`` or ``both``. Raises ValueError where ``to`` is no name."""

    to: str
    via: str = "any"
    senders: str = "heads"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.to):
            raise ValueError(f"`{self.to}` is no name of a role, a head, an MLP or `logits`")

    @property
    def text(self) -> str:
        call = f"strongest_path(to={self.to}, via={self.via}, senders={self.senders})"
        return f"edition 1\ncircuit question {{\n  claim {CLAIM}: {call} >= 0%\n}}\n"


def ask(path: Path, question: Question) -> Circuit | Blocked:
    """The circuit of a spec with the question as its only claim.

    Blocked where the spec is invalid, or the question names what the spec does not have.
    """
    compiled = compile_file(path)
    if compiled.file is None or compiled.file.circuit is None or compiled.circuit is None:
        return Blocked(str(path), compiled.findings, EXIT_INVALID)
    source = Source(question.text, "--to, --via")
    asked, problems = parse(source)
    if asked.circuit is None or has_errors(problems):
        return Blocked(str(path), Findings(source, problems), EXIT_INVALID)
    kept = (
        statement
        for statement in compiled.file.circuit.statements
        if not isinstance(statement, tree.Claim | tree.Waive)
    )
    block = replace(compiled.file.circuit, statements=(*kept, *asked.circuit.statements))
    file = replace(compiled.file, circuit=block)
    circuit, found = check(file, compiled.findings.source, path.parent, date.today())
    if circuit is None:
        # The spec itself has no errors: whatever is wrong now is in the question.
        errors = tuple(d for d in found if has_errors((d,)))
        return Blocked(str(path), Findings(source, in_order(errors)), EXIT_INVALID)
    return replace(circuit, source=source)

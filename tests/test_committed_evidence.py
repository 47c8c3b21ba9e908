"""The evidence in specs/ follows from its own numbers, and its text is the spec beside it.

`make reproduce` runs all of it again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.pipeline.compile import compile_file
from circuitlang.pipeline.evidence import read_evidence

SPECS = Path(__file__).parents[1] / "specs"
EVIDENCE = sorted(SPECS.glob("*.evidence.json"))


def test_every_spec_that_is_verified_here_has_evidence() -> None:
    assert [path.name.removesuffix(".evidence.json") for path in EVIDENCE] == [
        path.stem for path in sorted(SPECS.glob("*.circuit"))
    ]


@pytest.mark.parametrize("path", EVIDENCE, ids=lambda path: path.name)
def test_evidence_follows_from_its_numbers(path: Path) -> None:
    found, findings = read_evidence(path)
    assert found is not None, [d.note or d.message for d in findings.diagnostics]


@pytest.mark.parametrize("path", EVIDENCE, ids=lambda path: path.name)
def test_evidence_is_of_the_spec_beside_it(path: Path) -> None:
    found, _ = read_evidence(path)
    circuit = compile_file(path.with_name(path.name.replace(".evidence.json", ".circuit"))).circuit
    assert found is not None
    assert circuit is not None
    assert found.circuit.digest == circuit.digest

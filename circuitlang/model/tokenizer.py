"""Fast tokenizers behind `circuitlang.task.tokenizer.Tokenizer`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Backend
from transformers import AutoTokenizer

from circuitlang.task.tokenizer import Encoding


@dataclass(frozen=True, eq=False)
class FastTokenizer:
    """A `tokenizers` pipeline, used without special tokens, truncation or padding.

    Offsets are trimmed: a token's range leaves out the white space that it starts with, unless it
    is nothing but white space. Families disagree there, and positions should not.
    """

    backend: Backend
    bos: int | None
    vocab_size: int
    ordinary: Sequence[int]
    digest: str

    def encode(self, text: str) -> Encoding:
        found = self.backend.encode(text, add_special_tokens=False)
        return Encoding(
            tuple(found.ids), tuple(_trimmed(text, *range_) for range_ in found.offsets)
        )

    def token(self, token: int, /) -> str:
        return str(self.backend.decode([token], skip_special_tokens=False))


def wrap(backend: Backend, bos: int | None) -> FastTokenizer:
    """The adapter for a `tokenizers` pipeline whose beginning-of-sequence token is ``bos``."""
    backend.no_truncation()
    backend.no_padding()
    added = backend.get_added_tokens_decoder()
    special = {number for number, token in added.items() if token.special}
    ids = sorted(set(backend.get_vocab(with_added_tokens=True).values()))
    serial = json.dumps([json.loads(backend.to_str()), bos], sort_keys=True)
    return FastTokenizer(
        backend=backend,
        bos=bos,
        vocab_size=backend.get_vocab_size(with_added_tokens=True),
        ordinary=tuple(number for number in ids if number not in special),
        digest=hashlib.sha256(serial.encode()).hexdigest(),
    )


def from_folder(folder: Path) -> FastTokenizer | None:
    """The tokenizer of ``tokenizer.json``, or None where there is no such file.

    ``tokenizer_config.json`` says which token begins a sequence; without it there is none.
    Raises ValueError for a file that is no tokenizer.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        return None
    try:
        backend = Backend.from_file(str(file))
    except Exception as error:  # `tokenizers` raises nothing more specific
        raise ValueError(f"`tokenizer.json` cannot be read: {error}") from error
    return wrap(backend, _bos(folder / "tokenizer_config.json", backend))


def from_gguf(file: Path) -> FastTokenizer:
    """The tokenizer that a GGUF file carries, converted by transformers."""
    tokenizer: Any = AutoTokenizer.from_pretrained(
        str(file.parent), gguf_file=file.name, local_files_only=True, trust_remote_code=False
    )
    return wrap(tokenizer.backend_tokenizer, tokenizer.bos_token_id)


def _bos(config: Path, backend: Backend) -> int | None:
    try:
        settings = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    token = settings.get("bos_token") if isinstance(settings, dict) else None
    if isinstance(token, dict):
        token = token.get("content")
    found: int | None = backend.token_to_id(token) if isinstance(token, str) else None
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    core = len(text[start:end].lstrip())
    return (end - core, end) if core else (start, end)

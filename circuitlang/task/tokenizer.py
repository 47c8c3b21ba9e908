"""What a task needs of a tokenizer. The model room provides one; nothing here loads files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Encoding(NamedTuple):
    """The tokens of a text.

    ``offsets`` holds a half-open range of character offsets for each id. A leading space may lie
    inside the range of its word's token or just before it: families differ.
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


class Tokenizer(Protocol):
    """Text to token ids, with the offsets that named positions are resolved through."""

    @property
    def bos(self) -> int | None:
        """The beginning-of-sequence token, where the model has one."""

    @property
    def vocab_size(self) -> int: ...

    @property
    def ordinary(self) -> Sequence[int]:
        """The ids that are no special tokens, each once, ascending."""

    @property
    def digest(self) -> str:
        """SHA-256 of what determines the encoding, as 64 hexadecimal digits."""

    def encode(self, text: str) -> Encoding:
        """The tokens of ``text``. No special token is added, and text that spells a special token
        is whatever the tokenizer makes of it."""

    def token(self, token: int, /) -> str:
        """The token as a person would read it, e.g. `` Mary``; for messages only."""

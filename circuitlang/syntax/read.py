"""A file on disk becomes a `Source`, or a diagnostic that says why not."""

from __future__ import annotations

import stat
from pathlib import Path

from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import NOWHERE, Source, Span

LIMIT = 1 << 20  # bytes; the largest spec that a person could review is far smaller

_BOM = b"\xef\xbb\xbf"


def read(path: Path | str) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a file, named as ``path`` is given.

    Returns None and one diagnostic for what is missing, no regular file, larger than `LIMIT`,
    not UTF-8, or begins with a byte order mark. Raises nothing for any content.
    """
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "no regular file"
            return _refuse("unreadable-file", f"`{path}` is {kind}, a `.circuit` file was needed")
        with Path(path).open("rb") as file:
            content = file.read(LIMIT + 1)
    except FileNotFoundError:
        return _refuse("unreadable-file", f"there is no file `{path}`")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return _refuse("unreadable-file", f"`{path}` cannot be read: {str(reason).lower()}")
    return decode(content, str(path))


def decode(content: bytes, name: str) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """As `read`, for a content that is at hand, or the first ``LIMIT + 1`` bytes of it."""
    if len(content) > LIMIT:
        return _refuse("spec-too-large", f"`{name}` is larger than 1 MiB")
    if content.startswith(_BOM):
        return _refuse(
            "byte-order-mark",
            f"`{name}` begins with a byte order mark, plain UTF-8 was needed",
            help="save the file as UTF-8 without a byte order mark",
        )
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return _refuse("not-text", f"`{name}` holds a null byte in line {line}, text was needed")
    try:
        return Source(content.decode("utf-8"), name), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        return _refuse(
            "not-text",
            f"`{name}` is not UTF-8: byte 0x{byte:02x} in line {line}",
            help="save the file as UTF-8",
        )


def _refuse(
    code: str,
    message: str,
    span: Span = NOWHERE,
    help: str | None = None,  # noqa: A002
) -> tuple[None, tuple[Diagnostic, ...]]:
    return None, (Diagnostic(code, message, span, help=help),)

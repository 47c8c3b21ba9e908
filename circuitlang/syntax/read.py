"""A file on disk becomes a `Source`, or a diagnostic that says why not."""

from __future__ import annotations

import os
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
        content = read_regular(path, LIMIT + 1)
    except NotRegularError as error:
        return _refuse("unreadable-file", f"`{path}` is {error}, a `.circuit` file was needed")
    except FileNotFoundError:
        return _refuse("unreadable-file", f"there is no file `{path}`")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return _refuse("unreadable-file", f"`{path}` cannot be read: {str(reason).lower()}")
    return read_text(content, str(path))


class NotRegularError(Exception):
    """What a path leads to where that is no regular file: ``a directory``, ``no regular file``."""


def read_regular(path: Path | str, most: int) -> bytes:
    """The first ``most`` bytes of a file; links are followed.

    Never waits for a pipe to be written to, and never reads a device that has no end.

    Raises
    ------
    NotRegularError
        If the path leads to anything but a regular file.
    OSError, ValueError
        If there is none, it may not be read, or no file can be called so.
    """

    def without_waiting(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))

    if Path(path).is_dir():
        raise NotRegularError("a directory")
    # What was opened is looked at, and not its name, which may lead elsewhere by then.
    with open(path, "rb", opener=without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotRegularError("no regular file")
        return file.read(most)


def read_text(content: bytes, name: str) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """As `read`, for content that is in memory already."""
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

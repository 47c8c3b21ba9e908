"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_whole(path: Path, text: str, *, follow: bool = True) -> None:
    """Replaces the file's content in one step, as UTF-8 with line endings as they are in ``text``.

    The text goes to a new file in the same folder, is flushed to the disk and then renamed, so a
    reader sees the old content or the new, and a failure leaves the old. A symbolic link is
    followed, or replaced itself where ``follow`` is False; an existing file keeps its permissions.
    What is there and is no file, such as a pipe or a terminal, is written to as it is.

    Raises
    ------
    OSError
        If the folder cannot be written to or the disk is full; nothing has changed then.
    """
    if _is_stream(path):
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        return
    target = Path(os.path.realpath(path)) if follow else path
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_stream(path: Path) -> bool:
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))

"""Where the store of a spec is, and the secret that its entries are sealed with."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

FOLDER = ".circuitlang"

# Variables of the environment: another folder, and the secret that a store is sealed with.
CACHE_DIR, CACHE_KEY = "CIRCUITLANG_CACHE_DIR", "CIRCUITLANG_CACHE_KEY"

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of circuitlang: safe to delete.\n"


def store_folder(spec: Path) -> Path:
    """The folder `.circuitlang` for a spec.

    In the nearest folder at or above the spec's own that holds a `.circuitlang` or a `.git`, or
    else in the spec's own. `CIRCUITLANG_CACHE_DIR` names another place.
    """
    if chosen := os.environ.get(CACHE_DIR):
        return Path(chosen)
    own = spec.resolve().parent
    for folder in (own, *own.parents):
        if (folder / FOLDER).is_dir() or (folder / ".git").exists():
            return folder / FOLDER
    return own / FOLDER


def prepare(folder: Path) -> None:
    """Makes the folder, one that version control and backups leave out. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
        with suppress(FileExistsError), (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def secret() -> bytes:
    """What this user's entries are sealed with, made at its first use.

    A store lies beside the specs, so it can come with a stranger's project. Entries that somebody
    else wrote are not believed. `CIRCUITLANG_CACHE_KEY` holds a secret that several machines share.
    Raises OSError where there is no home to keep it in.
    """
    if shared := os.environ.get(CACHE_KEY):
        return shared.encode()
    state = os.environ.get("XDG_STATE_HOME")
    try:
        home = Path(state) if state else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise OSError("there is no home folder") from error
    path = home / "circuitlang" / "cache.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32), encoding="ascii")
        # Of two processes that make it at once, the second takes what the first has made.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_bytes()

"""A spec as it was in a revision of git, with the word lists and data beside it from there too.

git is run as a program with a list of arguments, never through a shell, and only asked for objects
by their hash: no filter, hook or configured command of the repository takes part, and what a
partial clone lacks is not fetched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from circuitlang.check.files import MOST_DATA_BYTES
from circuitlang.syntax import tree
from circuitlang.syntax.parse import parse
from circuitlang.syntax.read import read
from circuitlang.syntax.source import Source


class Revision(NamedTuple):
    """``path`` as it was in ``commit``; ``name`` is what the user calls the two."""

    commit: str
    path: Path
    name: str


class RevisionError(ValueError):
    """Why git does not have it, in one sentence."""


def revision(text: str, path: Path) -> Revision | None:
    """``path`` in the commit that git knows as ``text``; None where it knows none."""
    try:
        commit = _git(
            path.parent,
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{text}^{{commit}}",
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return Revision(commit.decode().strip(), path, f"{text}:{path}")


@contextmanager
def checked_out(wanted: Revision) -> Iterator[tuple[Source, Path]]:
    """The text of the spec, and a folder that holds what the spec names beside it.

    Regular files only: a link is left out, as if it were not there. Raises RevisionError where the
    revision does not have the spec, or it is no text that could be read.
    """
    with TemporaryDirectory(prefix="circuitlang-") as folder:
        root = Path(folder)
        place = root / wanted.path.name
        if not _copy(wanted, wanted.path.name, place):
            raise RevisionError(f"`{wanted.name}`: that revision has no such file")
        source, problems = read(place)
        if source is None:
            raise RevisionError(f"`{wanted.name}`: {problems[0].message}")
        file, _ = parse(source)
        for beside in _beside(file):
            if not (root / beside).exists():
                _copy(wanted, beside, root / beside)
        yield Source(source.text, wanted.name), root


def _beside(file: tree.File) -> Iterator[str]:
    """The relative paths that a spec names, as far as they may be followed."""
    statements = file.circuit.statements if file.circuit else ()
    for task in statements:
        for one in task.statements if isinstance(task, tree.Task) else ():
            if isinstance(one, tree.Words | tree.Data) and _is_plain(one.path.value):
                yield one.path.value


def _is_plain(path: str) -> bool:
    """Whether a path can be asked for; what is refused here, the checker reports."""
    parts = PurePosixPath(path).parts
    forbidden = not parts or ".." in parts or PurePosixPath(path).is_absolute()
    return not forbidden and path.isprintable() and "\\" not in path and ":" not in path


def _copy(wanted: Revision, name: str, to: Path) -> bool:
    """Writes a file of the revision, named from the spec's folder; whether there is such a file,
    of a size that would be read."""
    folder = wanted.path.parent
    try:
        listed = _git(folder, "ls-tree", "-z", wanted.commit, "--", f"./{name}").decode()
        mode, kind, blob = listed.partition("\t")[0].split(" ") if listed else ("", "", "")
        if kind != "blob" or mode == "120000":
            return False
        if int(_git(folder, "cat-file", "-s", blob)) > MOST_DATA_BYTES:
            return False
        content = _git(folder, "cat-file", "blob", blob)
    except subprocess.CalledProcessError:
        return False
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(content)
    return True


def _git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", "--literal-pathspecs", "-c", "protocol.allow=never", "-C", str(folder), *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.stdout

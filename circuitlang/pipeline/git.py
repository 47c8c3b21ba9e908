"""What a repository of git holds, asked for by hash.

git is run as a program with a list of arguments, never through a shell, and is handed no path: a
commit's files are listed once, and read by their hash. So no filter, attribute, hook or configured
command takes part, no replacement of an object either (whoever may push can push `refs/replace`),
and what a partial clone lacks is not fetched.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

_LINK = "120000"
# Names of more files than any project of specs has. A few small trees that hold each other many
# times over list more than a machine can.
_MOST_TREE_BYTES = 128 << 20
_SHALLOW = "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"


class RevisionError(ValueError):
    """Why git does not have it, in one sentence; ``fix`` is what may mend that."""

    def __init__(self, reason: str, fix: str | None = None) -> None:
        super().__init__(reason)
        self.fix = fix


class Entry(NamedTuple):
    """What a tree holds under a name; ``kind`` is blob, tree, or commit for a submodule."""

    mode: str
    kind: str
    hash: str

    @property
    def is_file(self) -> bool:
        return self.kind == "blob" and self.mode != _LINK

    @property
    def is_link(self) -> bool:
        return self.mode == _LINK


# Files and folders by their path from the root. Bytes that are not UTF-8 are lone surrogates.
Tree = Mapping[str, Entry]


@dataclass(frozen=True)
class Repository:
    """The repository that ``folder`` is in, or that git's environment names, as in a hook."""

    folder: Path = Path()

    def commit(self, text: str) -> str:
        """The hash of the commit that git knows as ``text``. Raises RevisionError for none."""
        # A sentence of git's own comes only with 128: no repository, or one of somebody else's.
        done = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}", may_fail=1
        )
        if done.returncode == 0:
            return done.stdout.decode().strip()
        everywhere = "`git fetch` brings what others have; `git branch --all` lists what is here"
        raise RevisionError(
            f"git knows no revision `{text}`", _SHALLOW if self._is_shallow() else everywhere
        )

    def merge_base(self, one: str, other: str) -> str:
        """The commit in which the histories of two commits part. Raises RevisionError where there
        is none, and where there are several, of which one may have what another lacks."""
        found = self._run("merge-base", "--all", one, other, may_fail=1).stdout.decode().split()
        match found:
            case [base]:
                return base
            case []:
                exactly = "`--exactly` compares the two as they are"
                raise RevisionError(
                    f"{one[:12]} and {other[:12]} have no history in common",
                    _SHALLOW if self._is_shallow() else exactly,
                )
            case _:
                raise RevisionError(
                    f"the histories of {one[:12]} and {other[:12]} part in {len(found)} commits",
                    "merge the one into the other, or compare the two as they are: `--exactly`",
                )

    def tree(self, commit: str) -> Tree:
        """All that a commit holds. Raises RevisionError where that cannot be listed."""
        listed = self._read(
            _MOST_TREE_BYTES, "ls-tree", "-r", "-t", "-z", "--full-tree", commit, of=commit
        )
        if len(listed) > _MOST_TREE_BYTES:
            raise RevisionError(f"the names of all files of {commit[:12]} are too many to be read")
        tree: dict[str, Entry] = {}
        for line in listed.split(b"\0")[:-1]:
            facts, _, name = line.partition(b"\t")
            path = name.decode("utf-8", "surrogateescape")
            if path in tree:
                raise RevisionError(
                    f"{commit[:12]} holds `{shown(path)}` twice", "`git fsck` has more to say of it"
                )
            tree[path] = Entry(*facts.decode("ascii").split(" "))
        return tree

    def blob(self, entry: Entry, most: int) -> bytes:
        """A file's content; of one that holds more than ``most`` bytes, the first ``most + 1``.
        Raises RevisionError where the repository lacks it."""
        return self._read(most, "cat-file", "blob", entry.hash, of=entry.hash)

    def prefix(self) -> str | None:
        """The path of the folder from the root of the work tree; None where there is none."""
        said = self._run("rev-parse", "--is-inside-work-tree", "--show-prefix").stdout
        inside, _, prefix = said.decode("utf-8", "surrogateescape").partition("\n")
        return prefix.removesuffix("\n") if inside == "true" else None

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def _run(self, *arguments: str, may_fail: int = 0) -> subprocess.CompletedProcess[bytes]:
        """What git answers, with 0 or ``may_fail``. Raises RevisionError for anything else."""
        try:
            done = subprocess.run(
                _command(arguments),
                cwd=self.folder,
                env=_environment(),
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise RevisionError(f"git cannot be run: {error.strerror}") from error
        if done.returncode not in (0, may_fail):
            first, *_ = done.stderr.decode("utf-8", "replace").splitlines() or ["it says nothing"]
            raise RevisionError(f"git cannot answer: {first.removeprefix('fatal: ')}")
        return done

    def _read(self, most: int, *arguments: str, of: str) -> bytes:
        """The first ``most + 1`` bytes that git writes, which may be any number."""
        with subprocess.Popen(
            _command(arguments),
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as program:
            assert program.stdout is not None
            content = program.stdout.read(most + 1)
        if program.returncode and len(content) <= most:
            raise RevisionError(
                f"git cannot read {of[:12]}: this clone does not hold it, or not whole",
                "clone again without `--filter`; `git fsck` tells whether it is damaged",
            )
        return content


def located(path: Path) -> tuple[Repository, str]:
    """The repository that a path is in, and the path from its root, whether or not there is such a
    file, or its folder, today. In a bare repository, which has no folders, and where git's
    environment says which repository is meant, the current folder is taken for the root's.

    Raises RevisionError where git cannot tell.
    """
    absolute = path.absolute()
    folder = Path.cwd()
    if "GIT_DIR" not in os.environ:
        folder = next(parent for parent in absolute.parents if parent.is_dir())
    prefix = Repository(folder).prefix()
    if prefix is None:
        folder, prefix = Path.cwd(), ""
    rest = PurePath(os.path.relpath(absolute, folder)).as_posix()
    return Repository(folder), posixpath.normpath(prefix + rest)


def shown(path: str) -> str:
    """A path of a tree as text for people and programs: `\\xff` for a byte that is not UTF-8."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _command(arguments: tuple[str, ...]) -> list[str]:
    return ["git", "--no-replace-objects", "-c", "protocol.allow=never", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}

"""Commits with any content, made without a work tree: names that no file system would take too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a reader"), ("EMAIL", "reader@example.org"))
}


class Link(NamedTuple):
    """A symbolic link."""

    to: str


class Submodule(NamedTuple):
    """Another repository's commit in a folder."""

    commit: str


Content = str | bytes | Link | Submodule
Files = Mapping[str, Content] | Mapping[bytes, Content]


class Bare:
    """A bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--bare", "--initial-branch=main")

    def git(self, *arguments: str, given: bytes = b"", index: Path | None = None) -> str:
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        staged = {} if index is None else {"GIT_INDEX_FILE": str(index)}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            input=given,
            capture_output=True,
            check=True,
            env={**os.environ, **_WHO, **alone, **staged},
        )
        return done.stdout.decode().strip()

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", given=content)

    def commit(self, files: Files, *parents: str) -> str:
        """A commit of these files and no others."""
        lines = b""
        for name, content in files.items():
            path = name.encode() if isinstance(name, str) else name
            mode, found = self._entry(content)
            lines += f"{mode} {found}\t".encode() + path + b"\0"
        index = self.folder / "index"
        self.git("read-tree", "--empty", index=index)
        self.git("update-index", "-z", "--index-info", given=lines, index=index)
        return self.commit_of(self.git("write-tree", index=index), *parents)

    def commit_of(self, tree: str, *parents: str) -> str:
        behind = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", "-m", "a change", *behind, tree)

    def _entry(self, content: Content) -> tuple[str, str]:
        match content:
            case Link(to):
                return "120000", self.blob(to.encode())
            case Submodule(commit):
                return "160000", commit
            case str():
                return "100644", self.blob(content.encode())
            case _:
                return "100644", self.blob(content)

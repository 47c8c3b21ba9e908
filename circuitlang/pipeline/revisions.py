"""A spec as it was in a revision of git, with the word lists and data beside it from there too.

What `circuitlang.pipeline.git` reads by hash is laid out in a folder of its own, and only what the
spec names: regular files, never what a link leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from circuitlang.check.files import MOST_DATA_BYTES
from circuitlang.pipeline.git import Entry, Repository, RevisionError, Tree, located
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.parse import parse
from circuitlang.syntax.read import LIMIT, read_text
from circuitlang.syntax.source import Source

# All files together that one spec names; a commit may hold one large file under many names.
_MOST_LAID_OUT = 4 * MOST_DATA_BYTES


@dataclass(frozen=True)
class Snapshot:
    """The files of a commit; without one there are none."""

    repository: Repository
    commit: str | None = None
    tree: Tree = field(default_factory=dict)

    def file(self, path: str) -> Entry | None:
        """The regular file of that path from the root."""
        entry = self.tree.get(path)
        return entry if entry is not None and entry.is_file else None

    def read(self, path: str, name: str) -> Source | Findings:
        """The text of a file that there is, shown as ``name``; the findings where it is none."""
        source, problems = read_text(self.repository.blob(self.tree[path], LIMIT), name)
        return source if source is not None else Findings(Source("", name), problems)

    @contextmanager
    def laid_out(self, path: str, names: Iterable[str]) -> Iterator[Path]:
        """A folder that holds those of ``names``, which are taken from the folder of the spec
        ``path``, that are files. Raises RevisionError where one cannot be read or written, and
        where they are too much."""
        with TemporaryDirectory(prefix="circuitlang-") as folder:
            left = _MOST_LAID_OUT
            for name in dict.fromkeys(names):
                entry = self.file(beside(path, name))
                if entry is not None:
                    content = self.repository.blob(entry, MOST_DATA_BYTES)
                    left -= len(content)
                    if left < 0:
                        raise RevisionError("a spec names more data than would be read")
                    _write(Path(folder, name), content)
            yield Path(folder)


def snapshot(repository: Repository, commit: str | None) -> Snapshot:
    """Raises RevisionError where the files of the commit cannot be listed."""
    if commit is None:
        return Snapshot(repository)
    return Snapshot(repository, commit, repository.tree(commit))


class Revision(NamedTuple):
    """A file in a commit; ``path`` is from the root, ``name`` is what the user calls the two."""

    repository: Repository
    commit: str
    path: str
    name: str


def revision(text: str, path: Path) -> Revision:
    """``path`` in the commit that git knows as ``text``. Raises RevisionError where it knows none;
    whether the commit has such a file is left open."""
    repository, inside = located(path)
    return Revision(repository, repository.commit(text), inside, f"{text}:{path}")


@contextmanager
def checked_out(wanted: Revision) -> Iterator[tuple[Source, Path]]:
    """The text of the spec, and a folder that holds what the spec names beside it.

    Regular files only: a link is left out, as if it were not there. Raises RevisionError where the
    revision does not have the spec, or it is no text that could be read.
    """
    files = snapshot(wanted.repository, wanted.commit)
    if files.file(wanted.path) is None:
        raise RevisionError(f"`{wanted.name}`: that revision has no such file")
    found = files.read(wanted.path, wanted.name)
    if isinstance(found, Findings):
        raise RevisionError(found.diagnostics[0].message)
    with files.laid_out(wanted.path, data_of(found)) as root:
        yield found, root


def data_of(source: Source) -> tuple[str, ...]:
    """The word lists and data that a spec names, from its folder, as far as they may be followed;
    what is refused here, the checker reports."""
    return tuple(
        one.path.value
        for task in _statements(source)
        for one in (task.statements if isinstance(task, tree.Task) else ())
        if isinstance(one, tree.Words | tree.Data) and _is_inside(one.path.value)
    )


def model_config(source: Source) -> tuple[str, ...]:
    """The file that tells the shape of a model that lies beside the spec, if it has one."""
    return tuple(
        f"{model.source.value.removeprefix('path:')}/config.json"
        for model in _statements(source)
        if isinstance(model, tree.Model)
        and model.source.value.startswith("path:")
        and _is_inside(model.source.value.removeprefix("path:"))
    )


def beside(path: str, name: str) -> str:
    """What a spec calls ``name``, from the root."""
    return str(PurePosixPath(path).parent / name)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise RevisionError(f"`{path.name}` cannot be laid out: {error.strerror}") from error


def _statements(source: Source) -> tuple[tree.Statement, ...]:
    circuit = parse(source)[0].circuit
    return circuit.statements if circuit else ()


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    outside = not parts or ".." in parts or PurePosixPath(path).is_absolute()
    return not outside and not any(char < " " or char in ":\\" for char in path)

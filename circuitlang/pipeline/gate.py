"""Whether the specs of one commit say less than those of another: what `circuitlang gate` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from circuitlang.check.diff import Spec, diff
from circuitlang.pipeline.compile import Compiled, compile_source
from circuitlang.pipeline.git import Repository, RevisionError, shown
from circuitlang.pipeline.revisions import Snapshot, beside, data_of, model_config, snapshot
from circuitlang.pipeline.structure import contents, spec_of
from circuitlang.report.blocked import Blocked
from circuitlang.report.gate.record import Gate, Judged, Kind, Outcome, Side
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.render import render
from circuitlang.syntax.source import NOWHERE, Source

PATTERNS = ("*.circuit",)
_HASH_LENGTHS = (40, 64)  # of SHA-1 and of SHA-256


@dataclass(frozen=True)
class _Both:
    """The commits that are compared, and the day on which."""

    before: Snapshot
    after: Snapshot
    today: date

    @property
    def then(self) -> str:
        return (self.before.commit or "")[:12]


def gate(
    base: str,
    head: str = "HEAD",
    *,
    exactly: bool = False,
    patterns: Sequence[str] = PATTERNS,
    repository: Repository | None = None,
    today: date | None = None,
) -> Gate:
    """Compares the specs of ``head`` with those of its merge base with ``base``, or with those of
    ``base`` itself if ``exactly``; then zeros for either mean that there is no commit.

    ``patterns`` are of paths from the root, `*` being any text. Raises RevisionError where git does
    not know a revision, or does not hold it whole.
    """
    repository = repository or Repository()
    before, after = (_commit(text, exactly, repository) for text in (base, head))
    if not exactly and before is not None and after is not None:
        before = repository.merge_base(before, after)
    both = _Both(snapshot(repository, before), snapshot(repository, after), today or date.today())
    paths = sorted(_specs(both, patterns))
    files = tuple(judged for path in paths if (judged := _judge(path, both)) is not None)
    sides = (Side(shown(base), before), Side(shown(head), after))
    return Gate(*sides, files, len(paths) - len(files))


def _commit(text: str, exactly: bool, repository: Repository) -> str | None:
    if not (set(text) == {"0"} and len(text) in _HASH_LENGTHS):
        return repository.commit(text)
    if exactly:
        return None
    raise RevisionError(
        f"`{text}` stands for no commit, with which nothing has a merge base",
        "a hook compares what is there with what comes, as they are: `--exactly`",
    )


def _specs(both: _Both, patterns: Sequence[str]) -> Iterator[str]:
    """Paths that are a file in the first commit, or anything but a folder in the second."""
    for path in both.before.tree.keys() | both.after.tree.keys():
        now = both.after.tree.get(path)
        there = both.before.file(path) is not None or (now is not None and now.kind != "tree")
        if there and any(fnmatchcase(path, pattern) for pattern in patterns):
            yield path


def _judge(path: str, both: _Both) -> Judged | None:
    """What became of a spec; None where it is as it was, with all that it names."""
    if _is_as_before(path, both):
        return None
    name, now = shown(path), both.after.tree.get(path)
    there_before = both.before.file(path) is not None
    if now is None or now.kind == "tree":
        return Judged(name, "gone", "weaker", Findings(Source("", name), ()))
    if not now.is_file:
        kind = "a symbolic link" if now.is_link else "a submodule"
        return Judged(name, "gone" if there_before else "new", "invalid", _refused(name, kind))
    found = _now(path, both)
    change: Kind = "changed" if there_before else "new"
    if isinstance(found, Findings):
        notes = tuple(_unfollowed(path, found.source, both.after))
        return Judged(name, change, "invalid", found, notes=notes)
    if not there_before:
        return Judged(name, change, "sound", found[1])
    return _compared(path, *found, both)


def _is_as_before(path: str, both: _Both) -> bool:
    """Whether the spec is, and everything that it names."""
    before, after = both.before, both.after
    was, now = before.file(path), after.file(path)
    if was is None or now is None or was.hash != now.hash:
        return False
    folder = after.tree.get(str(PurePosixPath(path).parent))
    if folder is not None and folder == before.tree.get(str(PurePosixPath(path).parent)):
        return True
    source = after.read(path, shown(path))
    if isinstance(source, Findings):
        return True
    places = (beside(path, name) for name in _named(source))
    return all(before.tree.get(place) == after.tree.get(place) for place in places)


def _refused(name: str, kind: str) -> Findings:
    problem = Diagnostic(
        "unreadable-file",
        f"`{name}` is {kind}, a regular file was needed",
        NOWHERE,
        help="commit the text itself: what stands behind a link can change while the link does not",
    )
    return Findings(Source("", name), (problem,))


def _now(path: str, both: _Both) -> tuple[Spec, Findings] | Findings:
    """The spec as it is now, which has to pass `check` with all that it names."""
    source = both.after.read(path, shown(path))
    if isinstance(source, Findings):
        return source
    with both.after.laid_out(path, _named(source)) as root:
        compiled = compile_source(source, root, both.today)
    if compiled.file is None or compiled.findings.failed:
        return compiled.findings
    return Spec(source, compiled.file, contents(compiled.circuit)), compiled.findings


def _named(source: Source) -> tuple[str, ...]:
    return (*data_of(source), *model_config(source))


def _unfollowed(path: str, source: Source, files: Snapshot) -> Iterator[str]:
    """What the spec would have, were links followed."""
    for name in data_of(source):
        place = PurePosixPath(beside(path, name))
        for part in (place, *place.parents):
            entry = files.tree.get(str(part))
            if entry is not None and entry.is_link:
                yield f"`{shown(str(part))}` is a symbolic link, which is not followed"


def _compared(path: str, now: Spec, findings: Findings, both: _Both) -> Judged:
    """Against the spec as it was; one that was invalid claimed nothing."""
    then = _then(path, both)
    if isinstance(then, str):
        note = f"taken as new, for in {both.then} it was invalid: {then}"
        return Judged(shown(path), "changed", "sound", findings, notes=(note,))
    difference = diff(then[0], now)
    outcome: Outcome = "weaker" if difference.count("weakens") else "sound"
    notes = tuple(render(then[1].findings, "concise").splitlines())
    return Judged(shown(path), "changed", outcome, findings, difference, notes)


def _then(path: str, both: _Both) -> tuple[Spec, Compiled] | str:
    """The spec as it was, or why it was none. What it named may be missing, or not what was pinned:
    that must not make a spec new whose claims can be read."""
    source = both.before.read(path, f"{both.then}:{shown(path)}")
    if isinstance(source, Findings):
        return source.diagnostics[0].message
    with both.before.laid_out(path, data_of(source)) as root:
        found = spec_of(source, root)
    return found.reason if isinstance(found, Blocked) else found

"""Files beside a spec: inside its folder, of bounded size, with the digest that the spec states."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path, PurePosixPath, PureWindowsPath

from circuitlang.check.checked import Checked
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.source import Span

MOST_WORD_BYTES = 1 << 20
MOST_DATA_BYTES = 64 << 20


def inside(root: Path, text: str, span: Span) -> Checked[Path | None]:
    """The file or folder of that relative path, if it lies in the spec's own folder.

    Symbolic links are followed, and what they point to has to lie inside too.
    """
    reason = _outside(root, text)
    if reason is None:
        return root / text
    yield Diagnostic(
        "unsafe-path",
        f"a path stays inside the folder of its spec; this one {reason}",
        span,
        help="put the file beside the spec and name it by a relative path",
    )
    return None


def _outside(root: Path, text: str) -> str | None:
    """Why the path may not be followed; None where it may."""
    absolute = PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive or ":" in text
    for reason, holds in (
        ("is empty", not text.strip()),
        ("holds control characters", any(ord(char) < ord(" ") for char in text)),
        ("holds a backslash", "\\" in text),
        ("is absolute or names a drive", absolute),
        ("climbs with `..`", ".." in PurePosixPath(text).parts),
    ):
        if holds:
            return reason
    try:
        inside_root = (root / text).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return "cannot be followed"
    return None if inside_root else "is a link that leads outside"


def read_pinned(
    root: Path, path: tree.Text, sha256: tree.Text | None, most: int
) -> Checked[tuple[Path, bytes, str] | None]:
    """The file's place, content and SHA-256; findings where it is missing, too large, unpinned or
    not the file that was pinned."""
    place = yield from inside(root, path.value, path.span)
    if place is None:
        return None
    try:
        if not place.is_file():
            yield Diagnostic("missing-file", f"there is no file `{path.value}`", path.span)
            return None
        with place.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield Diagnostic(
            "missing-file", f"`{path.value}` cannot be read: {reason.lower()}", path.span
        )
        return None
    if len(content) > most:
        yield Diagnostic(
            "file-too-large",
            f"`{path.value}` holds more than {most:,} bytes, the most that is read",
            path.span,
        )
        return None
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is None:
        yield Diagnostic(
            "unpinned-data",
            f"`{path.value}` can change without the spec changing",
            path.span,
            help=f'pin it: `"{path.value}" sha256 "{digest}"`',
            severity=Severity.WARNING,
        )
    elif sha256.value.lower() != digest:
        yield Diagnostic(
            "digest-mismatch",
            f"`{path.value}` is not the file that was pinned",
            sha256.span,
            label="its digest is another one",
            help=f'if the change is meant, write `sha256 "{digest}"`',
        )
        return None
    return place, content, digest


def check_words(content: bytes, path: tree.Text, most: int = 100_000) -> Checked[tuple[str, ...]]:
    """The words of a list, one a line; empty after a finding."""
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        yield Diagnostic("bad-word-list", f"`{path.value}` is not UTF-8 text", path.span)
        return ()
    words = tuple(line.strip() for line in lines if line.strip())
    if not words:
        yield Diagnostic("bad-word-list", f"`{path.value}` holds no word", path.span)
    elif len(words) > most:
        yield Diagnostic(
            "bad-word-list",
            f"`{path.value}` holds {len(words):,} words, at most {most:,} are read",
            path.span,
        )
    elif len(set(words)) < len(words):
        twice, _ = Counter(words).most_common(1)[0]
        yield Diagnostic(
            "bad-word-list", f"`{path.value}` holds `{twice[:60]}` more than once", path.span
        )
    else:
        return words
    return ()

"""Files that can be read, and files that cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from circuitlang.syntax.read import LIMIT, NotRegularError, read, read_regular


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.circuit"
    path.write_text("edition 1\n# é\n", encoding="utf-8")
    source, found = read(path)
    assert found == ()
    assert source is not None
    assert source.text == "edition 1\n# é\n"
    assert source.name == str(path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"edition 1 \xff", "not-text"),
        (b"edition 1\n\0", "not-text"),
        (b"\xef\xbb\xbfedition 1", "byte-order-mark"),
        (b"#" * (LIMIT + 1), "spec-too-large"),
    ],
)
def test_content_that_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.circuit"
    path.write_bytes(content)
    source, (found,) = read(path)
    assert source is None
    assert found.code == code


def test_the_largest_file(tmp_path: Path) -> None:
    path = tmp_path / "a.circuit"
    path.write_bytes(b"#" * LIMIT)
    assert read(path)[0] is not None


@pytest.mark.parametrize("name", ["", "missing.circuit", "a\0b", "x" * 300])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    source, (found,) = read(f"{tmp_path}/{name}")
    assert source is None
    assert found.code == "unreadable-file"


def test_a_line_is_named_where_a_byte_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.circuit"
    path.write_bytes(b"edition 1\n\n\xff")
    _, (found,) = read(path)
    assert "line 3" in found.message


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def device(folder: Path) -> Path:
    (folder / "link").symlink_to("/dev/zero")
    return folder / "link"


@pytest.mark.parametrize("make", [pipe, device])
def test_a_pipe_is_not_waited_for_and_a_device_not_read(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    with pytest.raises(NotRegularError, match="no regular file"):
        read_regular(path, 10)
    _, (found,) = read(path)
    assert "is no regular file" in found.message


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_regular(tmp_path / "a", 2) == b"ab"

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitlang.circuit.circuit import FileData
from circuitlang.task import jsonl
from circuitlang.task.jsonl import Line, parse_line, read_lines

FULL = {
    "clean": "Mary saw John",
    "corrupt": {"abc": "Anna saw John"},
    "answer": " Mary",
    "against": [" John", " Anna"],
    "positions": {"S": [0, 4]},
    "template": "t",
    "note": "made by hand",
}


def parsed(**fields: object) -> Line | str:
    return parse_line(1, json.dumps({"clean": "Mary saw John", **fields}).encode())


def test_a_line_brings_all_its_fields() -> None:
    line = parse_line(7, json.dumps(FULL).encode())
    assert line == Line(
        7,
        "Mary saw John",
        {"abc": "Anna saw John"},
        (" Mary",),
        (" John", " Anna"),
        {"S": (0, 4)},
        "t",
    )


def test_only_the_clean_prompt_is_needed() -> None:
    assert parsed() == Line(1, "Mary saw John", {}, (), (), {}, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON: expecting property name enclosed in double quotes at column 2"),
        (b"\xff", "is not UTF-8 text"),
        (b"[1]", "is not an example: a line has to be an object in braces"),
        (b"{}", "has no `clean` prompt"),
        (b'{"clean": ""}', "has no text as `clean`"),
        (b'{"clean": "a", "clean": "b"}', "says the same field twice"),
        (b'{"clean": "\\ud800"}', "has half a character in `clean`"),
        (b'{"clean": ' + b"[" * 50_000, "is not JSON that can be read"),
        (b'{"clean": ' + b"9" * 5_000 + b"}", "is not JSON that can be read"),
    ],
)
def test_what_is_no_example_is_refused(line: bytes, reason: str) -> None:
    assert parse_line(1, line) == reason


def test_fields_are_a_closed_list() -> None:
    assert parsed(agianst=" John") == (
        "has a field `agianst` that means nothing here; did you mean `against`?"
    )


@pytest.mark.parametrize(
    "at", [[0, 0], [-1, 2], [2, 1], [0, 14], [0], [0.0, 1.0], [False, True], 3]
)
def test_a_position_is_a_range_of_the_clean_prompt(at: object) -> None:
    assert parsed(positions={"S": at}) == (
        "has no range `[start, end]` of its 13 clean characters as `S`"
    )


@pytest.mark.parametrize(
    "wrong", [{"corrupt": []}, {"corrupt": {"a": 1}}, {"answer": 1}, {"against": [[]]}]
)
def test_fields_of_another_kind_are_refused(wrong: dict[str, object]) -> None:
    assert isinstance(parsed(**wrong), str)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_line_raises(line: bytes) -> None:
    assert isinstance(parse_line(1, line), (Line, str))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 20) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(FULL)), json_values))
def test_no_record_raises(record: dict[str, object]) -> None:
    assert isinstance(parse_line(1, json.dumps(record).encode()), (Line, str))


def pinned(path: Path, content: bytes) -> FileData:
    path.write_bytes(content)
    return FileData(path, hashlib.sha256(content).hexdigest())


def test_line_numbers_count_empty_lines(tmp_path: Path) -> None:
    data = pinned(tmp_path / "d.jsonl", b'\n{"clean": "a"}\r\n\n{"clean": "b"}')
    lines, problems = read_lines(data)
    assert problems == ()
    assert [line.number for line in lines] == [2, 4]


def test_a_line_that_comes_twice_is_refused(tmp_path: Path) -> None:
    _, (problem,) = read_lines(pinned(tmp_path / "d.jsonl", b'{"clean": "a"}\n{"clean": "a"} \n'))
    assert problem.message == "line 2 of `d.jsonl` repeats line 1"


def test_a_file_that_changed_since_the_check_is_refused(tmp_path: Path) -> None:
    data = pinned(tmp_path / "d.jsonl", b'{"clean": "a"}')
    data.path.write_bytes(b'{"clean": "b"}')
    assert [problem.code for problem in read_lines(data)[1]] == ["digest-mismatch"]


def test_a_file_that_went_away_is_a_finding(tmp_path: Path) -> None:
    data = pinned(tmp_path / "d.jsonl", b'{"clean": "a"}')
    data.path.unlink()
    assert [problem.code for problem in read_lines(data)[1]] == ["missing-file"]


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_LINES"])
def test_a_file_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    data = pinned(tmp_path / "d.jsonl", b'{"clean": "a"}\n{"clean": "b"}\n{"clean": "c"}\n')
    assert read_lines(data)[1] == ()
    monkeypatch.setattr(jsonl, limit, 2)
    assert [problem.code for problem in read_lines(data)[1]] == ["file-too-large"]


def test_a_line_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MOST_LINE", 20)
    assert isinstance(parse_line(1, b'{"clean": "a"}'), Line)
    assert parse_line(1, b'{"clean": "a long one"}') == "holds more than 20 bytes"

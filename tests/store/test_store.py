"""What is kept is found; what is not what was kept is reported, and is found no more."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from circuitlang.store.index import NAME
from circuitlang.store.store import DAMAGED, PARCELS, Store, clear, stored_files

A, B, C = (hashlib.sha256(name).digest() for name in (b"a", b"b", b"c"))
EXAMPLES = tuple(hashlib.sha256(bytes([i])).digest() for i in range(4))
ROWS = [[0.1, -0.0], [float("inf"), 5e-324]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with two requests on the first two examples."""
    made = tmp_path / ".circuitlang"
    with closing(Store(made)) as store:
        store.keep([A, B], EXAMPLES[:2], ROWS)
        assert store.problems() == ()
    return made


def found(folder: Path, request: bytes = A) -> tuple[list[float], list[int], list[str]]:
    """Values, whether they are there, and the codes of the store's problems."""
    with closing(Store(folder)) as store:
        stored = store.find({request: EXAMPLES})[request]
        return list(stored.values), list(stored.there), [p.code for p in store.problems()]


def parcel(folder: Path) -> Path:
    (path,) = (folder / PARCELS).glob("*/*.f64")
    return path


def test_numbers_come_back_as_they_were(folder: Path) -> None:
    for request, row in ((A, ROWS[0]), (B, ROWS[1])):
        values, there, codes = found(folder, request)
        assert [v.hex() for v in values[:2]] == [v.hex() for v in row]
        assert (there, codes) == ([1, 1, 0, 0], [])
    assert math.isnan(found(folder)[0][3])


def test_what_was_never_kept_is_not_there(folder: Path) -> None:
    assert found(folder, C)[1:] == ([0, 0, 0, 0], [])


def test_batches_add_up_and_the_first_number_stays(folder: Path) -> None:
    with closing(Store(folder)) as store:
        store.keep([A], EXAMPLES[1:], [[7.0, 2.0, 3.0]])
    values, there, _ = found(folder)
    assert (values, there) == ([0.1, 0.0, 2.0, 3.0], [1, 1, 1, 1])


def test_an_example_that_comes_twice_is_found_twice(folder: Path) -> None:
    with closing(Store(folder)) as store:
        stored = store.find({A: (EXAMPLES[0], EXAMPLES[3], EXAMPLES[0])})[A]
    assert (stored.values[0], stored.values[2], list(stored.there)) == (0.1, 0.1, [1, 0, 1])


def spoil_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[9] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_byte,
        lambda path: path.write_bytes(path.read_bytes()[:-8]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["one bit", "cut short", "empty", "gone"],
)
def test_a_damaged_parcel_is_reported_once_and_can_be_kept_again(
    folder: Path, spoil: object
) -> None:
    path = parcel(folder)
    spoil(path)  # type: ignore[operator]
    _, there, codes = found(folder)
    assert (there, codes) == ([0, 0, 0, 0], ["damaged-cache"])
    assert not path.exists()
    with closing(Store(folder)) as store:
        store.keep([A, B], EXAMPLES[:2], ROWS)
    assert found(folder)[1:] == ([1, 1, 0, 0], [])


def test_the_warning_names_the_file(folder: Path) -> None:
    spoil_byte(parcel(folder))
    with closing(Store(folder)) as store:
        store.find({A: EXAMPLES})
        (problem,) = store.problems()
        assert str(parcel_name := parcel_of(problem.message)).endswith(".f64")
        assert store.spoilt(A)
        assert not store.spoilt(C)
    assert (folder / DAMAGED / f"{Path(parcel_name).name}").parent.is_dir()


def parcel_of(message: str) -> str:
    return message.split("`")[1]


@pytest.mark.parametrize(
    "content",
    [b"not a database", b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["text", "header"],
)
def test_a_damaged_index_is_begun_anew(folder: Path, content: bytes) -> None:
    (folder / NAME).write_bytes(content)
    assert found(folder)[1:] == ([0, 0, 0, 0], ["damaged-cache"])
    assert found(folder)[1:] == ([0, 0, 0, 0], [])


def test_an_index_that_is_damaged_inside_is_begun_anew(folder: Path) -> None:
    with closing(sqlite3.connect(folder / NAME)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
        for i in range(500):
            db.execute("INSERT INTO groups (digest, keys) VALUES (?, ?)", (f"{i}", b"x" * 99))
        db.commit()
    content = bytearray((folder / NAME).read_bytes())
    content[4096:] = b"\x00" * len(content[4096:])
    (folder / NAME).write_bytes(content)
    _, there, codes = found(folder)
    assert there == [0, 0, 0, 0]
    assert codes == ["damaged-cache"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE parcels SET digest = (SELECT MAX(digest) FROM parcels)",
        "UPDATE parcels SET examples = zeroblob(64)",
        "UPDATE groups SET keys = zeroblob(64)",
        "UPDATE parcels SET seal = 7",
        "UPDATE parcels SET digest = '../../../../etc/passwd'",
    ],
)
def test_an_edited_index_is_not_believed(folder: Path, change: str) -> None:
    with closing(Store(folder)) as store:
        store.keep([A, B], EXAMPLES[2:], [[1.0, 2.0], [3.0, 4.0]])
    with closing(sqlite3.connect(folder / NAME)) as db:
        db.execute(change)
        db.commit()
    values, there, codes = found(folder)
    truth = [0.1, 0.0, 1.0, 2.0]
    assert codes == ["foreign-cache"]
    assert all(value == true for value, true, is_ in zip(values, truth, there, strict=True) if is_)
    assert sum(there) < 4


def test_somebody_elses_numbers_are_not_believed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRCUITLANG_CACHE_KEY", "another")
    assert found(folder)[1:] == ([0, 0, 0, 0], ["foreign-cache"])


def test_an_index_with_tables_of_its_own_is_set_aside(folder: Path) -> None:
    with closing(sqlite3.connect(folder / NAME)) as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON parcels BEGIN SELECT 1; END")
        db.commit()
    assert found(folder)[1:] == ([0, 0, 0, 0], ["damaged-cache"])


def test_a_newer_index_is_left_alone(folder: Path) -> None:
    with closing(sqlite3.connect(folder / NAME)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()
    assert found(folder)[1:] == ([0, 0, 0, 0], ["cache-unusable"])
    with closing(sqlite3.connect(folder / NAME)) as db:
        assert db.execute("SELECT COUNT(*) FROM parcels").fetchone() == (1,)


def test_a_full_disk_ends_the_keeping_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with closing(Store(folder)) as store:
        assert store.find({A: EXAMPLES})[A].values[0] == 0.1
        store.keep([A], EXAMPLES[2:], [[1.0, 2.0]])
        store.keep([A], EXAMPLES[2:], [[1.0, 2.0]])
        (problem,) = store.problems()
    assert problem.code == "cache-unusable"
    assert "No space left on device" in problem.message
    assert not list(folder.rglob("*.tmp"))


def test_a_folder_that_cannot_be_made_is_gone_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert found(tmp_path / "file" / ".circuitlang")[1:] == ([0, 0, 0, 0], ["cache-unusable"])


def test_what_a_claim_was_measured_under_is_remembered(folder: Path) -> None:
    with closing(Store(folder)) as store:
        store.set_bases("a.circuit", {"faithful": "basis"})
        assert store.basis("a.circuit", "faithful") == "basis"
        assert store.basis("a.circuit", "complete") is None
        assert store.basis("b.circuit", "faithful") is None


def test_clearing_takes_what_is_the_stores_and_nothing_else(folder: Path) -> None:
    other = folder / "notes.txt"
    other.write_text("mine")
    spoil_byte(parcel(folder))
    found(folder)
    clear(folder)
    assert stored_files(folder) == ()
    assert other.read_text() == "mine"
    assert found(folder)[1:] == ([0, 0, 0, 0], [])


def test_numbers_are_counted(folder: Path) -> None:
    with closing(Store(folder)) as store:
        assert store.numbers() == 4

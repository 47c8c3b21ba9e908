"""A file of evidence that is none, or not in the form that was published."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.evidences import (
    Edit,
    edit,
    recorded,
    refusal,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1 is no JSON"),
        ("[]", "not of type 'object'"),
        ('{"schema": NaN}', "`NaN`, which is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"schema": "circuitlang/evidence-1"}', "required property"),
        ('{"schema": "circuitlang/evidence-0"}', "it keeps to"),
        ('{"date": "2026-11-01", "date": "2026-11-02"}', 'the key "date" stands twice'),
        ("\udcff", "not UTF-8"),
    ],
    ids=["empty", "a list", "NaN", "deep", "bare", "another version", "a key twice", "no text"],
)
def test_what_is_no_evidence_is_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.evidence.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    problem = refusal(path)
    assert problem.code == "unreadable-evidence"
    assert told in problem.message


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda c: c["series"][0].update(clusters=7), "$.series[0]"),
        (lambda c: c["series"][0]["values"].pop(), "$.series[0]"),
        (lambda c: c["series"].append(c["series"][2]), "and `$.series[2]` answer the same"),
        (lambda c: c["clusters"].append(["p"]), "`$.clusters[2]` belongs to no series"),
        (lambda c: c["clusters"].append(c["clusters"][0]), "`$.clusters[2]` is `$.clusters[0]`"),
        (lambda c: c.update(extra=1), "extra"),
        (lambda c: c.update(date="2026-02-31"), "$.date"),
        (lambda c: c["verification"].update(seed=-1), "$.verification.seed"),
        (lambda c: c["verification"].update(seed=2**32), "$.verification.seed"),
        (lambda c: c["verification"]["claims"][0].pop("formula"), "$.verification.claims[0]"),
        (lambda c: c["shape"].update(n_heads=10_000), "$.shape"),
        (lambda c: c["shape"].update(n_layers=2.0), "$.shape.n_layers"),
        (lambda c: c["verification"]["policy"].update(examples=40.0), "policy.examples"),
        (lambda c: c["verification"].update(seed=3.0), "$.verification.seed"),
        (lambda c: c["series"][0].update(clusters=0.0), "$.series[0].clusters"),
        (lambda c: c["reads"]["faithful"].update(M=0.0), "$.reads.faithful.M"),
        (lambda c: c["verification"].update(seconds=10**400), "$.verification.seconds"),
        (lambda c: c["series"][1]["values"].__setitem__(3, 10**400), "$.series[1].values[3]"),
        (lambda c: c["series"][1]["values"].__setitem__(3, 1e300), "$.series[1].values[3]"),
        (lambda c: c["verification"].update(device="\ud800"), "$.verification.device"),
        (lambda c: c["verification"]["versions"].update({"\ud800": ""}), "$.verification.versions"),
    ],
)
def test_a_record_of_another_form_is_refused_with_the_place(
    tmp_path: Path, spoil: Edit, place: str
) -> None:
    problem = refusal(edit(recorded(tmp_path), spoil, sealed=True))
    assert problem.code == "unreadable-evidence"
    assert place in problem.message
    problem.message.encode()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.json").message


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [pipe, device, Path.mkdir])
def test_only_a_regular_file_is_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "x.evidence.json"
    make(path)
    problem = refusal(path)
    assert problem.code == "unreadable-evidence"
    assert "it is no regular file" in problem.message or "it is a directory" in problem.message

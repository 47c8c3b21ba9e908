"""Every value of a record, edited in a few ways: refused, or no claim says anything else for it."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.reproduce import compared
from circuitlang.report.changes import differences
from circuitlang.report.evidence import PROVENANCE, seal
from circuitlang.report.json import render as render_record
from circuitlang.report.look import Look
from circuitlang.report.record import Report
from circuitlang.report.reproduction import render_reproductions
from circuitlang.report.text import render as render_text
from circuitlang.syntax.render import render
from tests.pipeline.evidences import SPEC, TODAY, Content, recorded, verified, with_matrix

Place = tuple[str | int, ...]

# Less to measure, resample and search than in the text that other tests have.
FEWER = (
    SPEC.replace("greedy(2)", "greedy(1)")
    .replace("resamples = 400", "resamples = 100")
    .replace("    head a9.h9\n", "")
)


def places(value: Any, here: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value in a record, containers too."""
    yield here, value
    if isinstance(value, dict):
        for key, one in value.items():
            yield from places(one, (*here, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from places(one, (*here, i))


def kinds(content: Content, below: Place = ()) -> Iterator[tuple[Place, Any]]:
    """One value of each kind, chosen by lot: places are alike that differ in numbers alone."""
    draw, alike = random.Random(0), dict[str, list[tuple[Place, Any]]]()
    for place, value in places(content):
        if place and place[: len(below)] == below:
            alike.setdefault(re.sub(r"\d+", "#", str(place)), []).append((place, value))
    for group in alike.values():
        yield draw.choice(group)


def edits(value: Any) -> Iterator[Any]:
    """What might stand there instead."""
    match value:
        case bool():
            yield from (not value, int(value), None)
        case int():
            yield from (value + 1, float(value), -value - 1, 10**400, None)
        case float():
            yield from (value * 1.01 + 0.01, -value - 1, 1e300, 10**400, str(value), None)
        case str():
            yield from (f"{value}x", "", "\ud800", "\x1b[31m\n\u202e", 0, None)
        case None:
            yield from (0, 0.5, "x", [], {})
        case dict():
            yield from ({**value, "x": None}, {}, [])
            yield from ({k: v for k, v in value.items() if k != key} for key in list(value)[:2])
        case list():
            yield from (value[:-1], [*value, *value[:1]], value[1:] + value[:1], [], {})


def edited(content: Content, place: Place, value: Any) -> Content:
    found: Content = deepcopy(content)
    holder: Any = found
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return found


def told(content: Content, what: Content) -> list[str]:
    """Where the claims of a record, its circuit or its matrix say something else."""
    inner, other = (
        {key: one["verification"][key] for key in ("claims", "sensitivity", "policy", "spec")}
        for one in (content, what)
    )
    for one in (inner, other):
        one["spec"] = one["spec"]["digest"]
    found = differences(inner, other, lambda a, b: math.isclose(a, b, rel_tol=1e-8, abs_tol=1e-8))
    return [str(change) for change in found]


def check(path: Path, true: Report, place: Place, other: Any) -> None:
    """An edit that was sealed again is refused in words that can be printed; else nothing is said
    that was not, and what cannot be told from the file comes out in a run, unless nobody could."""
    content = json.loads(path.read_text())
    what = sealed(edited(content, place, other))
    path = path.with_name("edited.evidence.json")
    path.write_text(json.dumps(what))
    found, findings = read_evidence(path, TODAY)
    render(findings, "full").encode()
    if found is None:
        assert findings.failed
        return
    assert told(content, what) == []
    render_text([found.report], Look()).encode()
    render_record([found.report], Look()).encode()
    again = compared(found, true)
    for form in ("text", "json"):
        render_reproductions([again], form).encode()
    names = {str(key) for key in place} | {".".join(map(str, place[-2:]))}
    if {**content, "seal": ""} != {**what, "seal": ""} and not names & set(PROVENANCE):
        assert again.changes, "neither reading nor a run has seen it"


def sealed(content: Content) -> Content:
    return {**content, "seal": seal(content)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("fuzz")
    report = verified(folder, FEWER)
    return recorded(folder, report), report


def test_edits_that_were_sealed_again(plain: tuple[Path, Report]) -> None:
    path, report = plain
    content = json.loads(path.read_text())
    done = 0
    for place, value in kinds(content):
        if place == ("seal",):
            continue
        for other in edits(value):
            try:
                check(path, report, place, other)
            except Exception as error:
                raise AssertionError(f"{place} = {str(other)[:80]}") from error
            done += 1
    assert done > 400


def test_edits_that_were_not(plain: tuple[Path, Report]) -> None:
    path, _ = plain
    content = json.loads(path.read_text())
    file = path.with_name("edited.evidence.json")
    for place, value in kinds(content):
        other = next(one for one in edits(value) if one != value)
        file.write_text(json.dumps(edited(content, place, other)))
        found, findings = read_evidence(file, TODAY)
        assert found is None, place
        assert findings.failed


def test_edits_of_a_matrix(tmp_path: Path) -> None:
    report = with_matrix(tmp_path)
    path = recorded(tmp_path, report)
    below = ("verification", "sensitivity")
    for place, value in kinds(json.loads(path.read_text()), below):
        other = next(one for one in edits(value) if one != value)
        try:
            check(path, report, place, other)
        except Exception as error:
            raise AssertionError(f"{place} = {str(other)[:80]}") from error

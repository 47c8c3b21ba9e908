"""A record beside a new run of the same, whose numbers are set by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from circuitlang.pipeline.evidence import read_evidence
from circuitlang.pipeline.recorded import Evidence
from circuitlang.pipeline.reproduce import compared
from circuitlang.pipeline.tolerance import TOLERANCES, Tolerance
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL
from circuitlang.report.record import Report
from circuitlang.report.reproduction import (
    Reproduction,
    render_reproductions,
    reproduction_schema,
)
from circuitlang.score.score import score
from circuitlang.score.sensitivity import Cell
from tests.pipeline.evidences import (
    SPEC,
    TODAY,
    Content,
    Edit,
    answers,
    edit,
    recorded,
    verified,
    waived,
    with_matrix,
)

Numbers = Callable[[Request, Observation], Observation]


def then(path: Path, today: date = TODAY) -> Evidence:
    found, findings = read_evidence(path, today)
    assert found is not None, [d.note or d.message for d in findings.diagnostics]
    return found


def places(found: Reproduction) -> list[str]:
    return [change.place for change in found.changes]


def again(report: Report, numbers: Numbers) -> Report:
    """The same run with other numbers, judged by them."""
    observed = {request: numbers(request, one) for request, one in report.observations.items()}
    verdicts = score(report.circuit, observed, TODAY)
    return replace(report, observations=observed, verdicts=verdicts)


def shifted(by: float) -> Numbers:
    return lambda _, one: Observation(tuple(v + by for v in one.values), one.clusters)


def test_the_same_numbers_agree(tmp_path: Path) -> None:
    report = with_matrix(tmp_path, "all")
    found = compared(then(recorded(tmp_path, report)), report)
    assert (found.changes, found.notes, found.expired, found.worst) == ((), (), (), 0.0)
    assert found.exit_code == 0


def test_what_another_machine_adds_otherwise_is_no_difference(tmp_path: Path) -> None:
    report = verified(tmp_path)
    found = compared(then(recorded(tmp_path)), again(report, shifted(1e-4)))
    assert found.changes == ()
    assert 0 < found.worst < found.tolerance == 1e-3


def small(by: float) -> Callable[[tuple[Request, ...]], Observations]:
    """Divergences around 0.01, all of them off by a share."""

    def measure(requests: tuple[Request, ...]) -> Observations:
        return {
            request: Observation(tuple(v * (1 + by) / 400 for v in one.values), one.clusters)
            for request, one in answers(requests).items()
        }

    return measure


KL = SPEC.replace("faithfulness(as=ratio) >= 50%", "faithfulness(as=kl) <= 1")


def test_small_numbers_are_held_to_their_own_size(tmp_path: Path) -> None:
    """They were compared as if the largest were 1: all of these might have been off by 3 %."""
    evidence = then(recorded(tmp_path, verified(tmp_path, KL, small(0.0))))
    assert max(max(map(abs, one.values)) for one in evidence.observations.values()) < 0.03
    found = compared(evidence, verified(tmp_path, KL, small(0.01)))
    assert any(place.startswith("Evaluation(") for place in places(found))
    assert "claims[faithful].estimate" in places(found)
    assert compared(evidence, verified(tmp_path, KL, small(1e-4))).changes == ()


def test_numbers_of_nothing_but_rounding_agree() -> None:
    tolerance = TOLERANCES["float32"]
    before, now = (Observation((v, 0.0), ("t", "t")) for v in (1e-8, 9e-7))
    assert tolerance.apart(before, now) < tolerance.share
    further = Observation((1.2e-6, 0.0), ("t", "t"))
    assert tolerance.apart(before, further) > tolerance.share


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (0.5, 0.5009, True),
        (0.5, 0.5011, False),
        (40.0, 40.03, True),
        (40.0, 40.05, False),
        (-1e-9, 1e-9, True),
    ],
)
def test_a_share_may_move_by_a_thousandth_of_the_whole(
    one: float, other: float, same: bool
) -> None:
    assert Tolerance(1e-3, 1e-3).within(1.0)(one, other) is same


def test_an_estimate_that_moved_is_told_where_no_number_did(tmp_path: Path) -> None:
    """Each number may lie within its series' tolerance and all of them on one side."""

    def moved(request: Request, one: Observation) -> Observation:
        by = 0.0009 * max(one.values) * (-1 if request == Evaluation(MODEL) else 1)
        return Observation(tuple(v + by for v in one.values), one.clusters)

    found = compared(then(recorded(tmp_path)), again(verified(tmp_path), moved))
    assert "claims[faithful].estimate" in places(found)
    assert not [place for place in places(found) if place.startswith("Evaluation(")]


def test_numbers_that_went_are_told_and_written(tmp_path: Path) -> None:
    def lost(request: Request, one: Observation) -> Observation:
        whole = request == Evaluation(MODEL)
        values = (math.nan, *one.values[1:]) if whole else one.values
        return Observation(values, one.clusters)

    found = compared(then(recorded(tmp_path)), again(verified(tmp_path), lost))
    assert found.worst == math.inf
    (change,) = [one for one in found.changes if one.place.endswith("on example 0")]
    assert change.found is None
    written = json.loads(render_reproductions([found], "json"))
    assert written["worst"] is None
    jsonschema.validate(written, reproduction_schema())


def test_series_that_only_one_side_has_are_told(tmp_path: Path) -> None:
    plain, more = verified(tmp_path), with_matrix(tmp_path)
    lacking = len(more.observations) - len(plain.observations)
    fewer = compared(then(recorded(tmp_path, more)), replace(plain, sensitivity=more.sensitivity))
    assert [one.found for one in fewer.changes] == ["none"] * lacking
    assert fewer.worst == math.inf
    *extra, last = compared(then(recorded(tmp_path, plain)), more).changes
    assert [one.recorded for one in extra] == ["none"] * lacking
    assert last.place == "sensitivity"


def test_other_templates_are_told(tmp_path: Path) -> None:
    def renamed(_: Request, one: Observation) -> Observation:
        return Observation(one.values, ("q",) * len(one))

    found = compared(then(recorded(tmp_path)), again(verified(tmp_path), renamed))
    # That of all examples and that of a half.
    assert [(one.recorded, one.found) for one in found.changes] == [("p", "q")] * 2
    assert all(one.place.endswith("template of example 0") for one in found.changes)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: c["shape"].update(family="llama"), "shape.family"),
        (lambda c: c["shape"].update(d_model=7), "shape.d_model"),
        (lambda c: c.update(shape=None), "shape"),
        (lambda c: c["verification"]["model"].update(digest="ff" * 32), "model.digest"),
        (lambda c: c["verification"]["data"].update(digest="ff" * 32), "data.digest"),
    ],
)
def test_what_no_number_follows_from_is_held_against_the_run(
    tmp_path: Path, change: Edit, place: str
) -> None:
    report = verified(tmp_path)
    found = compared(then(edit(recorded(tmp_path), change, sealed=True)), report)
    assert places(found) == [place]
    assert found.exit_code == 1


def test_a_cell_that_was_said_to_be_impossible_is_run(tmp_path: Path) -> None:
    """Whether it is can be told from the prompts alone, so reading believes it."""
    report = with_matrix(tmp_path)
    without = with_matrix(tmp_path, obstacles={"resample": "each prompt is alone"})
    found = compared(then(recorded(tmp_path, without)), report)
    cell = "sensitivity[faithful].cells[nodes, resample, named, ratio of means]"
    assert f"{cell}.verdict" in places(found)
    assert f"{cell}.reason" in places(found)


def other_cell(report: Report, change: Callable[[Cell], Cell]) -> Report:
    assert report.sensitivity is not None
    first, *others = report.sensitivity
    cells = (change(first.cells[0]), *first.cells[1:])
    return replace(report, sensitivity=(replace(first, cells=cells), *others))


def test_every_cell_is_compared(tmp_path: Path) -> None:
    report = with_matrix(tmp_path)
    evidence = then(recorded(tmp_path, report))

    def moved(by: float) -> Callable[[Cell], Cell]:
        def change(cell: Cell) -> Cell:
            assert cell.estimate is not None
            return replace(cell, estimate=cell.estimate._replace(value=cell.estimate.value + by))

        return change

    cell = "sensitivity[faithful].cells[nodes, zero, named, ratio of means]"
    assert compared(evidence, other_cell(report, moved(1e-4))).changes == ()
    assert places(compared(evidence, other_cell(report, moved(2e-3)))) == [f"{cell}.estimate"]
    flipped = other_cell(report, lambda one: replace(one, outcome="error"))
    assert places(compared(evidence, flipped)) == [f"{cell}.verdict"]
    reworded = other_cell(report, lambda one: replace(one, reason="about 4,000 examples"))
    assert compared(evidence, reworded).changes == ()


def test_a_waiver_that_has_ended_is_noted_and_changes_nothing(tmp_path: Path) -> None:
    report = verified(tmp_path, waived("2026-11-20"))
    found = compared(then(recorded(tmp_path, report), date(2027, 1, 1)), report)
    assert found.exit_code == 0
    text = render_reproductions([found])
    assert "note: the waiver of `mover_matters` ended on 2026-11-20, after" in text
    written = json.loads(render_reproductions([found], "json"))
    assert written["expired"] == [{"claim": "mover_matters", "until": "2026-11-20"}]
    jsonschema.validate(written, reproduction_schema())


NASTY = "torch\x1b[31m\n evil.json: reproduced: 9 claims\u202e\x9b"


def test_a_strangers_text_commands_no_terminal(tmp_path: Path) -> None:
    def named(content: Content) -> None:
        content["verification"]["versions"] = {NASTY: NASTY}
        content["verification"]["device"] = NASTY

    path = edit(recorded(tmp_path), named, sealed=True)
    found = compared(then(path), verified(tmp_path))
    shown = render_reproductions([found])
    assert not set(shown) & set("\x1b\u202e\x9b")
    assert len(shown.splitlines()) == len(found.notes) + 1
    assert shown.isascii() or "␛" in shown


def test_the_schema_is_one_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(reproduction_schema())
    validator.check_schema(reproduction_schema())
    found = compared(then(recorded(tmp_path)), again(verified(tmp_path), shifted(1.0)))
    assert found.changes
    written = json.loads(render_reproductions([found], "json"))
    validator.validate(written)
    for spoilt in ({"extra": 1}, {"exit_code": 2}, {"changes": [{"place": "x"}]}):
        assert not validator.is_valid({**written, **spoilt})

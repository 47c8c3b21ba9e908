"""What a report says of the cache."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from circuitlang.report import render
from circuitlang.report.json import schema
from circuitlang.report.record import Report
from circuitlang.report.reuse import Reuse, reuse_line
from tests.report.reports import report

CACHED, PARTLY = Reuse(20, 20), Reuse(5, 20, ("the circuit changed: with a1.h0", "new: C"))
MEASURED = Reuse(0, 20, ("never measured",))


def with_reuse(**reuse: Reuse) -> Report:
    return replace(report(), reuse=reuse)


@pytest.mark.parametrize(
    ("reuse", "said"),
    [
        ({}, ()),
        ({"a": MEASURED}, ()),
        ({"a": CACHED, "b": CACHED}, ("  cached: every claim; nothing was run",)),
        ({"a": CACHED, "b": MEASURED}, ("  cached: 1 of 2 claims",)),
        ({"a": CACHED, "b": PARTLY}, ("  cached: 1 of 2 claims, and 1 in part",)),
    ],
    ids=["no cache", "all new", "all", "some", "part"],
)
def test_a_line_where_anything_came_out_of_the_cache(
    reuse: dict[str, Reuse], said: tuple[str, ...]
) -> None:
    assert reuse_line(reuse) == said


def test_the_table_is_shown_to_those_who_ask() -> None:
    of = with_reuse(faithful=PARTLY, behaves=CACHED, minimal=MEASURED)
    assert "never measured" not in render(of)
    shown = render(of, explain=True)
    assert "  faithful  partly    5 of 20   the circuit changed: with a1.h0; new: C\n" in shown
    assert "  behaves   cached    20 of 20\n" in shown
    assert "  minimal   measured  0 of 20   never measured\n" in shown


def test_the_record_says_it_claim_by_claim() -> None:
    record = json.loads(render(with_reuse(faithful=PARTLY), "json"))
    jsonschema.Draft202012Validator(schema()).validate(record)
    caches = {claim["name"]: claim["cache"] for claim in record["claims"]}
    assert caches["behaves"] is None
    assert caches["faithful"] == {
        "status": "partly",
        "found": 5,
        "needed": 20,
        "reasons": ["the circuit changed: with a1.h0", "new: C"],
    }

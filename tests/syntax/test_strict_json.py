"""A stranger's JSON: what is refused, and in which words."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from circuitlang.syntax.strict_json import RefusedError, check_values, decode, parse_json


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1 is no JSON"),
        ('{"a": 1,\n "b": }', "line 2, column 7 is no JSON"),
        ('{"a": {"b": 1, "b": 2}}', 'the key "b" stands twice'),
        ("[NaN]", "`NaN`, which is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "too many digits"),
    ],
    ids=["empty", "broken", "twice", "NaN", "deep", "long"],
)
def test_what_is_no_json(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        parse_json(text)


def test_the_scores_of_others_may_be_no_numbers() -> None:
    (found,) = parse_json("[NaN]", numbers=False)
    assert math.isnan(found)


def test_bytes_are_bounded_and_utf_8() -> None:
    assert decode("é".encode(), 2) == "é"
    with pytest.raises(RefusedError, match="more than 1 bytes"):
        decode(b"{}", 1)
    with pytest.raises(RefusedError, match="byte 2 is not UTF-8"):
        decode(b"{}\xff", 10)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": [1.5, {"b": 10**400}]}, "`$.a[1].b` is a whole number of more than 63 bits"),
        ({"a": [0.5, -(1 << 63)]}, "`$.a[1]` is a whole number"),
        ({"a": {"b": "x\ud800"}}, "`$.a.b` holds half of a surrogate pair at character 1"),
        ({"a": {"\udfff": 1}}, "`$.a.keys()` holds half"),
        ([0.5, 1e61], "`$[1]` is beyond 1e+60"),
        (json.loads("[[], 1e400]"), "`$[1]` is too large for a float"),
        ([None, 10**30, 10**31], "`$[1]` is"),
    ],
    ids=["inside", "negative", "text", "key", "large", "overflow", "the first"],
)
def test_what_later_work_would_trip_over(value: Any, told: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check_values(value)
    assert told in refused.value.reason


def test_what_is_sound_passes() -> None:
    check_values({"a": [1.0, -0.5], "é": [None, True, "\U0001f600", 2**63 - 1, {}]})

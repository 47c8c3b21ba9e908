"""A search and a cover on the real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commands import Outcome, circuitlang, copy_of
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

CLAIM = "  claim faithful: faithfulness(as=ratio) >= 75%\n"
CLAIMS = """\
  claim easy: faithfulness(as=ratio) >= -1000%
  claim searched: completeness(search=greedy(1)) <= 1000%
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cover = ("    seed = 7\n", "    seed = 7\n    cover = random(circuits=5, examples=8)\n")
    return copy_of(
        "ioi_smollm2.circuit", tmp_path_factory.mktemp("project"), (CLAIM, CLAIMS), cover
    )


@pytest.fixture(scope="module")
def done(spec: Path) -> Outcome:
    return circuitlang(
        *("verify", spec, "--examples", 32, "--format", "json", "--no-cache"),
        *("--claim", "easy", "--claim", "searched"),
    )


@pytest.fixture
def claims(done: Outcome) -> list[dict[str, Any]]:
    record: dict[str, Any] = json.loads(done.out)
    assert record["verdict"] == "vacuous"
    found: list[dict[str, Any]] = record["claims"]
    return found


def test_a_claim_that_random_circuits_pass_is_vacuous(
    done: Outcome, claims: list[dict[str, Any]]
) -> None:
    assert done.code == 3, done.err
    assert claims[0]["verdict"] == "vacuous"
    (cover,) = [c for c in claims[0]["covers"] if c["name"] == "random"]
    assert (cover["met"], cover["passing"], len(cover["values"])) == (False, 5, 5)
    assert claims[0]["n"] == 32


def test_a_search_reports_on_the_half_that_it_did_not_see(claims: list[dict[str, Any]]) -> None:
    found = claims[1]
    (part,) = found["parts"]
    assert part["name"] == "K1"
    assert part["members"]
    assert found["n"] == 16
    assert found["estimate"] == pytest.approx(abs(part["estimate"]))
    assert found["searched"] == pytest.approx(abs(part["searched"]))
    assert found["searched"] != pytest.approx(found["estimate"])


def test_a_dry_run_says_what_a_search_may_add(spec: Path) -> None:
    done = circuitlang("verify", spec, "--dry-run", "--claim", "easy", "--claim", "searched")
    assert done.code == 0
    assert "5 random circuits among them on 8" in done.out
    assert "at most 202 variants on 128 examples each" in done.out

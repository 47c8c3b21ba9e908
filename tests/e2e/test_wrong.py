"""Plausible and wrong hypotheses, each with the verdict that it must get; see specs/wrong.

One seed a spec here; `make wrong` takes five.
"""

from __future__ import annotations

import json

import pytest

from bench.wrong import RESULTS, WRONG, demanded, rows
from circuitlang.model.opened import Models
from circuitlang.pipeline.compile import compile_file
from tests.model.real import needs_model

DEMANDED = demanded()


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.mark.real_model
@needs_model
@pytest.mark.parametrize("name", DEMANDED)
def test_a_wrong_hypothesis_gets_its_verdict(name: str, models: Models) -> None:
    found = {row["claim"]: row["verdict"] for row in rows(name, None, models)}
    assert found == DEMANDED[name]


def test_every_wrong_spec_has_its_verdicts() -> None:
    assert {path.stem for path in WRONG.glob("*.circuit")} == set(DEMANDED)
    for name, claims in DEMANDED.items():
        circuit = compile_file(WRONG / f"{name}.circuit").circuit
        assert circuit is not None
        assert {claim.name for claim in circuit.claims} == set(claims)


def test_no_wrong_spec_passes_as_a_whole() -> None:
    assert all(set(claims.values()) - {"pass"} for claims in DEMANDED.values())


def test_the_committed_run_was_of_five_seeds_and_agrees() -> None:
    record = json.loads(RESULTS.read_text())
    assert len(record["seeds"]) == 5
    found = {(row["spec"], row["claim"], row["seed"]): row["verdict"] for row in record["rows"]}
    assert found == {
        (name, claim, seed): verdict
        for name, claims in DEMANDED.items()
        for claim, verdict in claims.items()
        for seed in record["seeds"]
    }

"""Why a claim is measured again, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from circuitlang.store.explain import Basis, basis_of, read_basis, reasons
from tests.plan.circuits import circuit, claim
from tests.store.test_keys import ENGINE

CLAIM = claim("faithfulness(as=ratio)", ">=", 0.5, name="faithful")
NOW = basis_of(circuit(CLAIM), CLAIM, ENGINE, "d2", 20, finished=True)


def why(before: Basis | None, now: Basis = NOW) -> str:
    return "; ".join(reasons(before, now, lambda n: f"first {n}"))


def test_what_was_never_measured() -> None:
    assert why(None) == "never measured"


def test_nothing_that_is_known_of() -> None:
    assert why(NOW) == ""


@pytest.mark.parametrize(
    ("was", "said"),
    [
        ({"finished": False}, "the last run did not finish"),
        ({"measure": "metric(of=model)"}, "the claim's measure was metric(of=model)"),
        ({"source": "hf:other"}, "the model was hf:other"),
        ({"model": "ff"}, "the model's files changed"),
        ({"dtype": "float64"}, "dtype was float64"),
        ({"ablation": "zero"}, "ablation was zero"),
        ({"seed": 9}, "seed was 9"),
        ({"versions": {"torch": "2.12.0"}}, "versions changed: torch 2.12.0 -> 2.13.0"),
        ({"code": "old"}, "circuitlang's own code changed"),
        ({"data": "d1"}, "the data changed"),
        ({"data": "first 12", "examples": 12}, "8 more examples"),
        ({"data": "other", "examples": 12}, "the data changed"),
        ({"data": "d1", "examples": 30}, "10 examples fewer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_changed(was: dict[str, Any], said: str) -> None:
    assert why(replace(NOW, **was)) == said


def test_what_the_circuit_lost_and_gained() -> None:
    kept = dict(NOW.kept)
    name = next(iter(kept))
    position = kept.pop(name)
    before = replace(NOW, kept={**kept, "a9.h9": "END", "a9.h9->logits": "any"})
    assert why(before) == f"the circuit changed: without a9.h9, a9.h9->logits, with {name}"
    moved = replace(NOW, kept={**NOW.kept, name: position + " and more"})
    assert why(moved) == f"the circuit changed: at other positions {name}"


def test_long_lists_are_cut() -> None:
    before = replace(NOW, kept={**NOW.kept, **{f"m{i}": "any" for i in range(10, 20)}})
    assert why(before).endswith("without m10, m11, m12, m13 and 6 more")


def test_a_basis_survives_being_written() -> None:
    assert read_basis(NOW.to_text()) == NOW


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"finished": true}'])
def test_what_is_no_basis_is_none(text: str) -> None:
    assert read_basis(text) is None

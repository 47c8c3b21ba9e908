"""`circuitlang paths`: the ranked table of senders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.commands import SPECS, circuitlang, copy_of
from tests.model.real import needs_model

IOI = SPECS / "ioi_smollm2.circuit"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--to", "name_movr"), "unknown-role", "did you mean `name_mover`?"),
        (("--to", "a2.h99"), "out-of-range", "the 9 heads of a layer are 0 to 8"),
        (("--to", "logits", "--via", "q"), "no-port", "only attention heads have q, k and v"),
        (("--to", "a0.h0"), "backward-edge", "comes before `a0.h0`"),
    ],
)
def test_a_question_is_checked_as_a_claim_is(
    arguments: tuple[str, ...], code: str, words: str
) -> None:
    done = circuitlang("paths", IOI, *arguments)
    assert done.code == 2
    assert f"error[{code}]" in done.err
    assert words in done.err


def test_a_receiver_is_one_name() -> None:
    done = circuitlang("paths", IOI, "--to", "logits) >= 0% claim more: minimality(")
    assert done.code == 2
    assert "is no name of a role" in done.err


def test_the_spec_itself_may_be_wrong(tmp_path: Path) -> None:
    wrong = copy_of("ioi_smollm2.circuit", tmp_path, ("head a23.h3\n", "head a23.h9\n"))
    done = circuitlang("paths", wrong, "--to", "logits")
    assert done.code == 2
    assert f"{wrong}:" in done.err


@needs_model
def test_the_inhibitors_lead_into_the_name_movers_queries(tmp_path: Path) -> None:
    """In SmolLM2 as Wang et al. 2022, sec. 3.2, found it in GPT-2: who moves the queries of the
    name movers are the S-inhibition heads. The spec names them; path patching ranks them first."""
    spec = copy_of("ioi_smollm2.circuit", tmp_path)
    question = ("paths", spec, "--to", "name_mover", "--via", "q", "--examples", 16)
    shown = circuitlang(*question, "--top", 2)
    assert shown.code == 0, shown.err
    rows = [line.split() for line in shown.out.splitlines() if "s_inhibition" in line]
    assert [(row[0], row[1]) for row in rows] == [("1", "a20.h0"), ("2", "a19.h2")]
    assert "and 205 more" in shown.out
    kept = circuitlang(*question, "--format", "json")
    (claim,) = json.loads(kept.out)["claims"]
    assert len(claim["parts"]) == 207
    assert claim["measure"] == "strongest_path"
    chances = [part["p"] for part in claim["parts"]]
    assert all(p["adjusted_p"] >= p["p"] > 0 for p in claim["parts"])
    assert min(chances) == next(p["p"] for p in claim["parts"] if p["name"] == "a19.h2")

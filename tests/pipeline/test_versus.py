"""`circuitlang diff --run` on the real model."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from circuitlang.pipeline.compile import compile_file
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.entrant import Entrant
from circuitlang.pipeline.versus import behave
from circuitlang.report.blocked import Blocked
from circuitlang.report.diff import render
from circuitlang.report.diff.json import schema
from circuitlang.report.diff.record import Behaviour
from circuitlang.score.versus import negated
from tests.e2e.commands import SPECS, circuitlang, copy_of
from tests.model.real import needs_model
from tests.report.diff.test_render import published

pytestmark = [pytest.mark.real_model, needs_model]

FEW = Options(examples=16)


def entrant(path: Path) -> Entrant:
    compiled = compile_file(path)
    assert compiled.circuit is not None, compiled.findings
    return Entrant(path, compiled.circuit)


def ran(a: Path, b: Path, options: Options = FEW) -> Behaviour:
    found = behave(entrant(a), entrant(b), None, None, options, lambda *_: None)
    assert isinstance(found, Behaviour), found
    return found


IOI, RIVAL = SPECS / "ioi_smollm2.circuit", SPECS / "ioi_smollm2_rival.circuit"


@pytest.fixture(scope="module")
def there() -> Behaviour:
    return ran(IOI, RIVAL)


def test_backwards_every_number_is_negated(there: Behaviour) -> None:
    back = ran(RIVAL, IOI)
    assert back.provenance.found == back.provenance.needed, (
        "the second direction comes from the cache"
    )
    assert back.versus == there.versus.turned
    assert back.versus.difference == negated(there.versus.difference)
    mine = {one.name: one for one in there.versus.carried}
    for one in back.versus.carried:
        assert one.in_a == negated(mine[one.name].in_b)
        assert one.mean == negated(mine[one.name].mean)


def test_every_differing_member_is_exchanged_in_one_run(there: Behaviour) -> None:
    carried = {one.name: one.held for one in there.versus.carried}
    assert carried == {"a23.h1": "B", "a23.h2": "B", "a23.h5": "B", "a24.h4": "A"}
    assert there.variants == 1 + 2 + 2 * 4, "the model, both circuits, each exchange both ways"


def test_json_keeps_to_its_schema(there: Behaviour) -> None:
    text = render(published("ioi", "ioi_naive"), "json", behaviour=there)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(text))
    shown = render(published("ioi", "ioi"), "markdown", behaviour=there)
    assert f"### Behaviour: {there.versus.relation}\n" in shown
    assert "| `a23.h1` | only in B |" in shown


def test_a_circuit_is_equal_to_itself() -> None:
    found = ran(IOI, IOI).versus
    assert (found.relation, found.carried) == ("EQUAL", ())
    assert found.difference == (0.0, (0.0, 0.0))


def test_without_its_suppressor_it_differs_and_that_is_what_carries_it(tmp_path: Path) -> None:
    without = copy_of("ioi_smollm2.circuit", tmp_path, ("head a23.h3\n", "head a23.h4\n"))
    done = circuitlang(
        *("diff", "--run", IOI, without, "--examples", 32, "--format", "json"),
    )
    record = json.loads(done.out)
    assert (done.code, record["behaviour"]["relation"]) == (1, "DIFFER"), done.out[-3000:]
    first = record["behaviour"]["carried"][0]
    assert (first["name"], first["role"]) == ("a23.h3", "carries")
    assert first["mean"]["value"] < 0


def test_a_handful_of_examples_is_not_compared() -> None:
    found = behave(entrant(IOI), entrant(RIVAL), None, None, Options(examples=4), lambda *_: None)
    assert isinstance(found, Blocked)
    assert found.exit_code == 2
    assert [d.code for d in found.findings.diagnostics] == ["too-few-examples"]


def test_a_list_that_is_missing_is_an_error_where_it_has_to_run(tmp_path: Path) -> None:
    spec = copy_of("ioi_smollm2.circuit", tmp_path)
    (tmp_path / "words" / "names.txt").unlink()
    done = circuitlang("diff", "--run", spec, IOI)
    assert done.code == 2
    assert "error[missing-file]" in done.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed = 7", "seed = 8", "`seed` is 7 in A and 8 in B"),
        ("by=prompt", "by=all", "`ablation` is mean(corrupt=abc, by=prompt) in A"),
        ("keep mlps\n", "\n", "`keep mlps` is stated in A and not stated in B"),
        ("a {object} to", "the {object} to", "`task` makes other prompts"),
    ],
)
def test_what_is_not_measured_alike_is_not_compared(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    other = copy_of("ioi_smollm2.circuit", tmp_path, (old, new))
    found = behave(entrant(IOI), entrant(other), None, None, FEW, lambda *_: None)
    assert isinstance(found, Blocked)
    (finding,) = found.findings.diagnostics
    assert finding.code == "different-definitions"
    assert said in finding.message
    assert found.exit_code == 2


def test_without_a_form_in_common_one_has_to_be_chosen(tmp_path: Path) -> None:
    other = copy_of("ioi_smollm2.circuit", tmp_path, ("as=ratio", "as=normalized"))
    found = behave(entrant(IOI), entrant(other), None, None, FEW, lambda *_: None)
    assert isinstance(found, Blocked)
    assert [d.code for d in found.findings.diagnostics] == ["no-shared-measure"]

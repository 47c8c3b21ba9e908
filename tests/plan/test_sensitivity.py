"""Which cells a sensitivity matrix has, and what they ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import Ablation, Circuit, Connection
from circuitlang.circuit.expand import with_policy
from circuitlang.circuit.names import INPUT, LOGITS
from circuitlang.plan.matrix_cost import matrix_cost
from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Evaluation
from circuitlang.plan.sensitivity import Setting, matrix_of
from circuitlang.plan.variant import MODEL
from tests.plan.circuits import CALLS, circuit, claim

RATIO = claim("faithfulness(as=ratio)", name="ratio")
NORMALIZED = claim("faithfulness(as=normalized)", name="normalized")
EFFECT = claim("effect(of=mover, direction=noising)", name="effect")
ATTENTION = claim("attention(role=early, from=S, to=S, over=min)", name="attention")
BEHAVES = claim("accuracy(of=model)", name="behaves")


def spec(*claims_: object, ablation: Ablation | None = None, edges: bool = True) -> Circuit:
    """The small circuit as it comes from a file: its edges are those of its statements."""
    made = circuit(*claims_, examples=10)  # type: ignore[arg-type]
    connections = (
        Connection(INPUT, "early", ("v",)),
        Connection("early", "mover", ("v",)),
        Connection("mover", LOGITS),
    )
    made = replace(made, connections=connections if edges else ())
    policy = replace(made.policy, ablation=ablation or made.policy.ablation)
    return with_policy(made, policy)


def reasons(hypothesis: Circuit) -> dict[str, set[str]]:
    """For each reason the ablations or the granularities that it takes away."""
    found: dict[str, set[str]] = {}
    for one in matrix_of(hypothesis).settings:
        if one.reason is not None:
            found.setdefault(one.reason, set()).update((one.ablation, one.granularity))
    return found


def test_the_file_s_choices_are_one_of_sixteen() -> None:
    matrix = matrix_of(spec(RATIO))
    assert len(matrix.settings) == 16
    (own,) = [one for one in matrix.settings if matrix.own(one)]
    assert (own.granularity, own.ablation, own.positions) == ("nodes", "mean", "named")
    assert all(one.circuit is not None for one in matrix.settings)


def test_its_requests_are_the_claim_s() -> None:
    hypothesis = spec(RATIO, NORMALIZED)
    matrix = matrix_of(hypothesis)
    (own,) = [one for one in matrix.settings if matrix.own(one)]
    uncovered = replace(hypothesis, policy=replace(hypothesis.policy, cover=None))
    wanted = set(make_plan(uncovered).requests)
    assert set(matrix.requests_under(own)) == wanted


def test_every_other_cell_is_another_variant_or_another_ablation() -> None:
    asked = [one for one in matrix_of(spec(RATIO)).requests() if isinstance(one, Evaluation)]
    assert len(asked) == len(set(asked)) == 17
    assert asked.count(Evaluation(MODEL)) == 1
    assert {one.ablation for one in asked} == {
        None,
        Ablation("zero"),
        Ablation("resample", "abc"),
        Ablation("counterfactual", "abc"),
    }


def test_a_zero_ablation_takes_the_first_corruption() -> None:
    matrix = matrix_of(spec(RATIO, ablation=Ablation("zero")))
    kinds = {str(one.circuit.policy.ablation) for one in matrix.settings if one.circuit is not None}
    assert kinds == {
        "zero",
        "mean(corrupt=abc, by=prompt)",
        "resample(corrupt=abc)",
        "counterfactual(corrupt=abc)",
    }


def test_a_mean_over_all_positions_stays_one() -> None:
    matrix = matrix_of(spec(RATIO, ablation=Ablation("mean", "abc", "all")))
    means = {
        str(one.circuit.policy.ablation)
        for one in matrix.settings
        if one.circuit is not None and one.ablation == "mean"
    }
    assert means == {"mean(corrupt=abc, by=all)"}


def test_without_a_corruption_only_zero_is_left() -> None:
    bare = spec(RATIO, ablation=Ablation("zero"))
    bare = replace(bare, task=replace(bare.task, corruptions={}))
    assert reasons(bare) == {
        "the task has no corruption": {"mean", "resample", "counterfactual", "nodes", "edges"}
    }


def test_without_edges_there_are_nodes_only() -> None:
    assert reasons(spec(RATIO, edges=False)).keys() == {"the file declares no edges"}
    left = [one for one in matrix_of(spec(RATIO, edges=False)).settings if one.circuit]
    assert {one.granularity for one in left} == {"nodes"}


def test_what_the_data_do_not_give_is_said() -> None:
    matrix = matrix_of(spec(RATIO), obstacles={"resample": "no donors"})
    lost = [one for one in matrix.settings if one.reason == "no donors"]
    assert {one.ablation for one in lost} == {"resample"}
    assert len(lost) == 4


@pytest.mark.parametrize(
    ("which", "names"),
    [("faithfulness", ["ratio", "normalized"]), ("all", ["ratio", "normalized", "effect"])],
)
def test_claims_that_are_measured_again(which: object, names: list[str]) -> None:
    hypothesis = spec(RATIO, BEHAVES, NORMALIZED, EFFECT, ATTENTION)
    matrix = matrix_of(hypothesis, which)  # type: ignore[arg-type]
    assert [one.name for one in matrix.claims] == names
    only = matrix_of(hypothesis, which, only=["normalized"])  # type: ignore[arg-type]
    assert [one.name for one in only.claims] == ["normalized"]


def test_every_measure_has_requests_under_every_setting() -> None:
    numbered = [replace(one, name=f"c{i}") for i, one in enumerate(CALLS)]
    matrix = matrix_of(spec(*numbered), "all")
    assert len(matrix.claims) > 10
    for one in matrix.settings:
        assert list(matrix.requests_under(one))


def test_one_plan_runs_the_model_and_each_corrupt_prompt_once() -> None:
    """16 circuits, the model and the corrupt prompts, against 16 runs of model and circuit, of
    which 12 run the corrupt prompts."""
    cost = matrix_cost(matrix_of(spec(RATIO)))
    assert (cost.claims, cost.cells, cost.possible) == (1, 32, 32)
    assert cost.together == 10 * (16 + 1 + 1)
    assert cost.alone == 10 * (16 * 2 + 12)


def test_a_measure_of_one_estimator_has_half_the_cells() -> None:
    gap = claim("faithfulness(as=gap)", name="gap")
    cost = matrix_cost(matrix_of(spec(gap, RATIO)))
    assert (cost.cells, cost.possible) == (64, 48)


def test_positions_all_keeps_everywhere_and_named_does_not() -> None:
    def members(setting: Setting) -> set[str]:
        assert setting.circuit is not None
        return set(map(str, setting.circuit.members.values()))

    by_positions = {one.positions: members(one) for one in matrix_of(spec(RATIO)).settings}
    assert by_positions["all"] == {"any"}
    assert by_positions["named"] == {"S", "END"}

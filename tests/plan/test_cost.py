from __future__ import annotations

from dataclasses import replace

import pytest

from circuitlang.circuit.circuit import GeneratedData, PositionDef, RandomCover
from circuitlang.circuit.shape import ModelShape
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.cost import SparseCost, describe, matrix_parameters
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import Plan, make_plan
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import circuit_variant
from circuitlang.report.cost import cost_table
from tests.plan.circuits import GPT2, circuit, claim

RATIO = claim("faithfulness(as=ratio)")


def test_parameters_of_published_models() -> None:
    smollm2 = ModelShape("llama", 30, 9, 3, 576, 64, 1536, 49152, 8192)
    norms = (2 * 30 + 1) * 576
    assert matrix_parameters(smollm2) + norms == 134_515_008  # as its model card counts them
    biases_norms_and_positions = 12 * (2304 + 768 + 3072 + 768 + 4 * 768) + 2 * 768 + 1024 * 768
    assert matrix_parameters(GPT2) + biases_norms_and_positions == 124_439_808


def test_a_ratio_costs_model_circuit_nothing_kept_and_corrupt_run() -> None:
    hypothesis = circuit(RATIO, examples=10, cover=None)
    cost = describe(make_plan(hypothesis), hypothesis, tokens_per_example=4)
    assert (cost.variants, cost.passes, cost.tokens, cost.random) == (3, 40, 160, 0)
    assert cost.flops == 2.0 * (cost.parameters or 0) * 160


def test_random_circuits_cost_their_own_examples() -> None:
    hypothesis = replace(circuit(RATIO, examples=10, cover=RandomCover(5, 6)), shape=GPT2)
    cost = describe(make_plan(hypothesis), hypothesis)
    assert (cost.random, cost.random_examples) == (5, 6)
    assert (cost.variants, cost.passes) == (8, 40 + 5 * 6)


@pytest.mark.parametrize("runs", [1, 3, 50])
def test_a_search_costs_no_more_than_is_said(runs: int) -> None:
    asked = claim(f"completeness(search=greedy({runs}))")
    hypothesis = circuit(asked)

    def answer(requests: tuple[Request, ...]) -> Observations:
        return {one: Observation((float(hash(one) % 97),) * 8, ("t",) * 8) for one in requests}

    known = observe(hypothesis, None, answer)
    tried = {one for one in known if isinstance(one, Evaluation) and one.half == "search"}
    cost = describe(make_plan(hypothesis), hypothesis)
    assert len(tried) <= cost.searched
    assert cost.searched_examples == 128
    assert "at most" in cost_table(hypothesis, cost)


def test_kl_reads_the_model_too() -> None:
    hypothesis = circuit(claim("faithfulness(as=kl)"))
    alone = Plan((Evaluation(circuit_variant(hypothesis), "kl"),), {})
    assert describe(alone, hypothesis).variants == 2


def test_heads_on_the_same_random_tokens_share_their_passes() -> None:
    call = claim("induction(role=early, length=20, examples=8, over=min)")
    hypothesis = circuit(call)
    cost = describe(make_plan(hypothesis), hypothesis)
    assert (cost.requests, cost.passes, cost.tokens) == (2, 8, 320)


def test_the_length_of_a_data_files_prompts_is_not_guessed() -> None:
    hypothesis = circuit(RATIO)
    cost = describe(make_plan(hypothesis), hypothesis)
    assert cost.tokens is None
    assert cost.flops is None


def test_the_sparse_plan_of_a_circuit_counts_members_where_they_are_kept() -> None:
    task = replace(
        circuit().task,
        data=GeneratedData("repeated_tokens", {"length": 3, "copies": 2}),
        positions={"S": PositionDef("S", "first"), "END": PositionDef("END", "last")},
    )
    hypothesis = replace(circuit(RATIO, examples=10), task=task)
    variants = [circuit_variant(hypothesis)]
    alone = Plan(tuple(Evaluation(variant) for variant in variants), {})
    sparse = describe(alone, hypothesis).sparse
    assert sparse is not None
    # Two heads write at S and one at END, in each of ten examples.
    assert (sparse.head_rows, sparse.mlp_rows) == (30, 0)
    naive = describe(alone, hypothesis)
    assert naive.flops is not None
    assert sparse.flops < naive.flops
    assert sparse.passes < naive.passes


def test_nothing_is_guessed_about_a_data_file() -> None:
    hypothesis = circuit(RATIO)
    assert describe(make_plan(hypothesis), hypothesis).sparse is None


def test_probes_alone_take_no_memory_of_variants() -> None:
    hypothesis = circuit(claim("composition(from=early, to=mover, via=q, draws=39, over=min)"))
    cost = replace(
        describe(make_plan(hypothesis), hypothesis), sparse=SparseCost(0, 0, 1.0, 1.0, 0)
    )
    assert "examples side by side" in cost_table(hypothesis, cost)

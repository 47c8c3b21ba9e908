"""What a number is filed under: what it depends on, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import head
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.variant import MODEL, Variant, Version
from circuitlang.store.keys import Engine, Filing, code_digest
from circuitlang.task.dataset import Dataset
from tests.run.cases import ABLATIONS, dataset

ENGINE = Engine("ab12", "float32", "cpu", "sparse", {"torch": "2.13.0"}, "c0de")
DATA = dataset()
CIRCUIT = Evaluation(Variant(Version.ABLATED))
ATTENTION = Attention(head(0, 0), "A", "END")
RANDOM = RepeatedTokens(head(0, 0), "previous", 4, 3)
COPYING = Copying(head(0, 0), ("A", "B"), "negative", 5)
PAIR = Composition(head(0, 0), head(1, 0), "k", "random", 3, 0)
OF_DATA: tuple[Request, ...] = (Evaluation(MODEL), CIRCUIT, ATTENTION, COPYING)
REQUESTS: tuple[Request, ...] = (*OF_DATA, RANDOM, PAIR)
KINDS = ("model", "circuit", "attention", "copying", "random", "pair")
ZERO, MEAN = Ablation("zero"), Ablation("mean", "other")


def filing(
    engine: Engine = ENGINE,
    data: Dataset = DATA,
    ablation: Ablation = MEAN,
    donors: tuple[int, ...] = (1, 0, 3, 2, 4),
    seed: int = 0,
) -> Filing:
    return Filing(
        engine,
        data,
        ablation,
        lambda: donors,
        lambda length, count: [(seed + i,) * (2 * length) for i in range(count)],
    )


def keys(request: Request, **changes: Any) -> tuple[bytes, tuple[bytes, ...]]:
    found = filing(**changes)
    return found.request(request), found.examples(request)


def changed(index: int, **changes: Any) -> Dataset:
    examples = list(DATA.examples)
    examples[index] = replace(examples[index], **changes)
    return replace(DATA, examples=tuple(examples))


@pytest.mark.parametrize(
    "engine",
    [
        replace(ENGINE, model="ab13"),
        replace(ENGINE, dtype="float64"),
        replace(ENGINE, device="NVIDIA H100"),
        replace(ENGINE, executor="reference"),
        replace(ENGINE, versions={"torch": "2.13.1"}),
        replace(ENGINE, code="beef"),
    ],
    ids=["model", "dtype", "device", "executor", "versions", "code"],
)
@pytest.mark.parametrize("request_", REQUESTS, ids=KINDS)
def test_whatever_computes_changes_every_key(request_: Request, engine: Engine) -> None:
    assert keys(request_)[0] != keys(request_, engine=engine)[0]


def test_an_ablation_changes_what_is_ablated_and_nothing_else() -> None:
    for request in REQUESTS:
        same = [keys(request, ablation=ablation) == keys(request) for ablation in ABLATIONS]
        assert all(same) is (request != CIRCUIT)
    found = {keys(CIRCUIT, ablation=ablation) for ablation in ABLATIONS}
    assert len(found) == len(ABLATIONS)


def test_a_metric_changes_its_own_readings() -> None:
    other = replace(DATA, metric="prob_diff")
    for request, same in ((Evaluation(MODEL), False), (Evaluation(MODEL, "kl"), True)):
        assert (keys(request, data=other) == keys(request)) is same
    assert keys(ATTENTION, data=other) == keys(ATTENTION)
    assert keys(COPYING, data=other) == keys(COPYING)


def test_a_metric_and_a_reading_of_one_name_are_one_number() -> None:
    data = replace(DATA, metric="accuracy")
    assert keys(Evaluation(MODEL), data=data) == keys(Evaluation(MODEL, "accuracy"), data=data)


def test_which_examples_are_asked_for_is_no_part_of_a_number() -> None:
    assert keys(CIRCUIT._replace(examples=2, half="search")) == keys(CIRCUIT)
    for request, more in (
        (RANDOM, keys(RANDOM._replace(examples=5))),
        (PAIR, keys(PAIR._replace(draws=5))),
    ):
        assert more[0] == keys(request)[0]
        assert more[1][:3] == keys(request)[1]


def same_examples(request: Request, data: Dataset, **changes: Any) -> list[bool]:
    pairs = zip(keys(request, **changes)[1], keys(request, data=data, **changes)[1], strict=True)
    return [one == other for one, other in pairs]


@pytest.mark.parametrize("request_", OF_DATA, ids=KINDS[:4])
def test_clean_tokens_count_for_their_example(request_: Request) -> None:
    data = changed(1, clean=DATA.examples[1].clean[::-1])
    assert same_examples(request_, data) == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("ablation", "same"),
    [
        (ZERO, [True, True, True, True, True]),
        (Ablation("counterfactual", "other"), [True, False, True, True, True]),
        # Example 1 is the donor of example 0.
        (Ablation("resample", "other"), [False, True, True, True, True]),
        # Examples 0, 1 and 4 are of one template.
        (Ablation("mean", "other", "prompt"), [False, False, True, True, False]),
        (Ablation("mean", "other", "all"), [False] * 5),
    ],
    ids=str,
)
def test_corrupt_tokens_count_where_they_go(ablation: Ablation, same: list[bool]) -> None:
    data = changed(1, corrupt={"other": DATA.examples[1].corrupt["other"][::-1], "unused": (1,)})
    assert same_examples(CIRCUIT, data, ablation=ablation) == same
    assert same_examples(ATTENTION, data, ablation=ablation) == [True] * 5
    assert same_examples(COPYING, data, ablation=ablation) == [True] * 5


def test_positions_and_targets_count() -> None:
    for data in (
        changed(1, positions={**DATA.examples[1].positions, "A": (2,)}),
        changed(1, targets=DATA.examples[1].targets[:1]),
    ):
        assert same_examples(CIRCUIT, data, ablation=ZERO) == [True, False, True, True, True]


def test_a_seed_counts_through_what_it_draws() -> None:
    assert keys(RANDOM, seed=1)[0] == keys(RANDOM)[0]
    assert keys(RANDOM, seed=1)[1] != keys(RANDOM)[1]


@pytest.mark.parametrize(
    "other",
    [
        COPYING._replace(head=head(0, 1)),
        COPYING._replace(positions=("A",)),
        COPYING._replace(sign="positive"),
        COPYING._replace(top=6),
        PAIR._replace(source=head(0, 1)),
        PAIR._replace(target=head(1, 1)),
        PAIR._replace(via="q"),
        PAIR._replace(reading="score"),
        PAIR._replace(seed=1),
    ],
    ids=str,
)
def test_every_field_of_a_probe_counts(other: Request) -> None:
    same = COPYING if isinstance(other, Copying) else PAIR
    assert keys(other)[0] != keys(same)[0]
    assert keys(other)[1] == keys(same)[1]


def test_draws_depend_on_no_data() -> None:
    assert keys(PAIR, data=changed(1, clean=DATA.examples[1].clean[::-1])) == keys(PAIR)
    assert not set(keys(PAIR)[1]) & {*keys(RANDOM)[1], *keys(COPYING)[1]}


def test_the_code_that_computes_has_a_digest() -> None:
    assert len(code_digest()) == 64
    assert code_digest() == code_digest()

"""A matrix in one planned run: every cell as a run of its own would have it, and what is run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from torch import Tensor

from circuitlang.circuit.circuit import Ablation, Circuit, Connection
from circuitlang.circuit.expand import with_policy
from circuitlang.circuit.names import INPUT, LOGITS
from circuitlang.model.decoder import Decoder
from circuitlang.pipeline.rounds import observe
from circuitlang.plan.matrix_cost import matrix_cost
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sensitivity import Setting, matrix_of
from circuitlang.plan.variant import MODEL
from circuitlang.run import reference, sparse
from circuitlang.run.feasible import without_donor
from circuitlang.score.matrix import sensitivity
from circuitlang.score.score import score
from circuitlang.task.dataset import Dataset, Example, Target
from tests.model.tiny import VOCAB, decoder, gpt2
from tests.plan.circuits import circuit, claim
from tests.run.cases import dataset

N = 6
RATIO = claim("faithfulness(as=ratio)", ">=", 0.8, name="ratio", percent=True)
CLAIMS = (
    RATIO,
    claim("faithfulness(as=normalized)", ">=", 0.8, name="normalized", percent=True),
    claim("faithfulness(as=gap)", "<=", 0.5, name="gap"),
    claim("faithfulness(as=kl)", "<=", 0.5, name="kl"),
    claim("completeness(search=roles)", "<=", 0.5, name="complete", percent=True),
    claim("completeness(search=greedy(1))", "<=", 0.5, name="searched", percent=True),
    claim("effect(of=mover, direction=noising)", "<=", 0.0, name="effect", percent=True),
    claim("path_effect(from=early, to=mover, via=k)", "<=", 0.0, name="path", percent=True),
)
MODEL_ = decoder(gpt2())
Run = Callable[..., Observations]


def data() -> Dataset:
    """Prompts of one template with the positions of the small circuit. The model is right on each,
    so that shares of it have a meaning."""
    draw = random.Random(5)

    def tokens() -> tuple[int, ...]:
        return tuple(draw.randrange(VOCAB) for _ in range(5))

    def example(i: int) -> Example:
        answer, against = draw.sample(range(VOCAB), 2)
        return Example(
            text=f"example {i}",
            template="t",
            clean=tokens(),
            corrupt={"abc": tokens()},
            positions={"S": (1, 2), "END": (4,)},
            targets=(Target(4, (answer,), (against,)),),
        )

    drawn = Dataset(tuple(example(i) for i in range(N)), "logit_diff", "0" * 64)
    ask = Evaluation(MODEL)
    found = reference.run([ask], MODEL_, drawn, ablation=Ablation("zero"), seed=0)[ask].values
    examples = (
        one if value > 0 else replace(one, targets=tuple(map(turned, one.targets)))
        for one, value in zip(drawn.examples, found, strict=True)
    )
    return replace(drawn, examples=tuple(examples))


def turned(target: Target) -> Target:
    return replace(target, answer=target.against, against=target.answer)


DATA = data()


def spec(*claims_: object, **policy: object) -> Circuit:
    made = circuit(*claims_, examples=N, resamples=200)  # type: ignore[arg-type]
    made = replace(
        made,
        shape=MODEL_.shape,
        connections=(
            Connection(INPUT, "early", ("v",)),
            Connection("early", "mover", ("v",)),
            Connection("mover", LOGITS),
        ),
    )
    return with_policy(made, replace(made.policy, cover=None, **policy))  # type: ignore[arg-type]


def run(of: Run, hypothesis: Circuit) -> Callable[[Sequence[Request]], Observations]:
    policy = hypothesis.policy
    return lambda asked: of(asked, MODEL_, DATA, ablation=policy.ablation, seed=policy.seed)


@pytest.mark.parametrize("executor", [reference.run, sparse.run], ids=["reference", "sparse"])
@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"granularity": "edges", "positions": "all", "ablation": Ablation("zero")},
        {"ablation": Ablation("resample", "abc")},
    ],
    ids=["mean", "zero", "resample"],
)
def test_every_cell_is_what_a_run_of_its_own_gives(
    executor: Run, policy: dict[str, object]
) -> None:
    hypothesis = spec(*CLAIMS, **policy)
    matrix = matrix_of(hypothesis, "all")
    together = observe(hypothesis, None, run(executor, hypothesis), matrix)
    assert len(matrix.claims) == len(CLAIMS)
    for setting in matrix.settings:
        assert setting.circuit is not None
        alone = observe(setting.circuit, None, run(reference.run, setting.circuit))
        seen = matrix.seen(setting, together)
        for one in matrix.claims:
            for request in pose(setting.circuit, one, alone).requests.values():
                assert seen[request].values == pytest.approx(
                    alone[request].values, rel=1e-9, abs=1e-9
                )


def test_the_own_cell_is_the_plain_verification_s() -> None:
    hypothesis = spec(*CLAIMS)
    matrix = matrix_of(hypothesis, "all")
    plain = observe(hypothesis, None, run(sparse.run, hypothesis))
    together = observe(hypothesis, None, run(sparse.run, hypothesis), matrix)
    verdicts = score(hypothesis, plain, date(2026, 12, 1))
    assert sum(verdict.estimate is not None for verdict in verdicts) > len(CLAIMS) / 2
    for verdict, found in zip(verdicts, sensitivity(matrix, together), strict=True):
        own = found.own.estimate
        if verdict.estimate is None or own is None:
            assert verdict.estimate is own
            continue
        assert own.value == pytest.approx(verdict.estimate.value, abs=1e-12)
        assert own.interval == pytest.approx(verdict.estimate.interval, abs=1e-12)
        assert found.own.n == verdict.n


def test_one_call_of_the_executor_answers_all_cells() -> None:
    hypothesis = spec(*CLAIMS[:4])
    calls: list[tuple[Request, ...]] = []

    def measure(asked: tuple[Request, ...]) -> Observations:
        calls.append(asked)
        return run(sparse.run, hypothesis)(asked)

    matrix = matrix_of(hypothesis)
    observe(hypothesis, None, measure, matrix)
    (asked,) = calls
    assert len(asked) == len(set(asked))
    assert set(matrix.requests()) <= set(asked)


def test_the_cost_that_is_told_is_what_the_reference_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the granularity of nodes a variant is one forward pass of the model's own modules."""
    hypothesis = replace(spec(RATIO), claimed_edges={}, edges={}, connections=())
    matrix = matrix_of(hypothesis)
    seen: list[int] = []
    forward = Decoder.run

    def counted(self: Decoder, tokens: Tensor, lengths: Tensor) -> Tensor:
        seen.append(len(tokens))
        return forward(self, tokens, lengths)

    monkeypatch.setattr(Decoder, "run", counted)
    run(reference.run, hypothesis)(matrix.requests())
    together = sum(seen)
    seen.clear()
    for setting in matrix.settings:
        if setting.circuit is not None:
            run(reference.run, setting.circuit)(own_requests(setting))
    cost = matrix_cost(matrix)
    assert (together, sum(seen)) == (cost.together, cost.alone) == (N * 10, N * (8 * 2 + 6))


def own_requests(setting: Setting) -> list[Request]:
    """What a run for this setting alone asks for."""
    assert setting.circuit is not None
    matrix = matrix_of(setting.circuit)
    return [r for one in matrix.settings if matrix.own(one) for r in matrix.requests_under(one)]


def test_an_example_alone_in_its_template_has_no_donor() -> None:
    reason = without_donor(dataset((7, 7, 4)))
    assert reason is not None
    assert "`of 4` has one of 4 tokens alone" in reason
    assert without_donor(dataset((7, 7))) is None

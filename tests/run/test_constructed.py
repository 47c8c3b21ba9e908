"""Conventions, held against models in which arithmetic says what the numbers are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import Node, Port, head
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Attention, Composition, Copying, RepeatedTokens, Request
from circuitlang.run.reference import run
from circuitlang.task.dataset import Dataset, Example, Target
from tests.model.tiny import decoder, gpt2, llama
from tests.run.cases import dataset

WIDTH, D_HEAD = 64, 8
ZERO = Ablation("zero")


def empty(config: Any) -> Decoder:
    """All weights zero but the norms' gains, which are one."""
    made = decoder(config)
    for name, weight in made.model.named_parameters():
        gain = "norm" in name or ("ln_" in name and name.endswith("weight"))
        weight.fill_(1.0 if gain else 0.0)
    return made


def of_gpt2(**changes: Any) -> Decoder:
    return empty(gpt2(n_embd=WIDTH, n_head=WIDTH // D_HEAD, n_inner=8, **changes))


def of_llama(**changes: Any) -> Decoder:
    sizes = {"hidden_size": WIDTH, "head_dim": D_HEAD, "num_attention_heads": 4}
    return empty(llama(**{**sizes, **changes}))


def write(model: Decoder, node: Node, port: Port | None, matrix: torch.Tensor) -> None:
    """Sets W_Q, W_K or W_V, (d_model, d_head), or W_O, (d_head, d_model), of one head."""
    attention: Any = model.attention(node.layer)
    at = slice(node.head * D_HEAD, (node.head + 1) * D_HEAD)
    if model.family.name == "gpt2":
        if port is None:
            attention.c_proj.weight[at] = matrix
        else:
            begin = "qkv".index(port) * WIDTH + at.start
            attention.c_attn.weight[:, begin : begin + D_HEAD] = matrix
    elif port is None:
        attention.o_proj.weight[:, at] = matrix.T
    else:
        group = 1 if port == "q" else model.shape.n_heads // model.shape.n_kv_heads
        begin = node.head // group * D_HEAD
        getattr(attention, f"{port}_proj").weight[begin : begin + D_HEAD] = matrix.T


def frame(seed: int, columns: int = D_HEAD) -> torch.Tensor:
    """Orthonormal columns, (d_model, columns), that sum to zero: a layer norm keeps them."""
    torch.manual_seed(seed)
    drawn = torch.randn(WIDTH, columns, dtype=torch.float64)
    made: torch.Tensor = torch.linalg.qr(drawn - drawn.mean(0)).Q
    return made


A, B = head(0, 1), head(1, 2)
MODELS: tuple[Callable[[], Decoder], ...] = (of_gpt2, of_llama)
models = pytest.mark.parametrize("make", MODELS, ids=["gpt2", "llama"])


def answer(model: Decoder, *requests: Request, data: Dataset | None = None) -> list[list[float]]:
    found = run(requests, model, data or dataset(), ablation=ZERO, seed=3)
    return [list(found[one].values) for one in requests]


def compositions(model: Decoder, reading: Any = "score", draws: int = 1) -> dict[str, list[float]]:
    asked = [Composition(A, B, via, reading, draws, 0) for via in ("q", "k", "v")]
    return dict(zip("qkv", answer(model, *asked), strict=True))


@models
@pytest.mark.parametrize("port", ["q", "k", "v"])
def test_a_port_that_reads_what_a_head_writes_composes_alone(
    make: Callable[[], Decoder], port: Port
) -> None:
    model = make()
    written = frame(1)
    write(model, A, "v", frame(2))
    write(model, A, None, written.T)
    for i, other in enumerate(("q", "k", "v")):
        write(model, B, other, written if other == port else frame(10 + i))  # type: ignore[arg-type]
    write(model, B, None, frame(20).T)
    found = compositions(model)
    # Equal singular values, and the same space: ‖I₈‖ / (‖I₈‖ ‖I₈‖).
    assert found.pop(port) == pytest.approx([8**-0.5])
    assert all(values[0] < 0.2 for values in found.values())


@models
def test_one_direction_read_and_written_composes_fully(make: Callable[[], Decoder]) -> None:
    model = make()
    one = torch.zeros(D_HEAD, D_HEAD, dtype=torch.float64)
    one[0, 0] = 3.0
    for port in ("q", "k", "v"):
        write(model, A, port, frame(1) @ one)
        write(model, B, port, frame(2 if port == "q" else 3) @ one)
    write(model, A, None, one @ frame(2).T)
    write(model, B, None, one @ frame(4).T)
    assert compositions(model)["q"] == pytest.approx([1.0])


def test_what_the_norm_scales_away_is_not_read() -> None:
    model = of_llama()
    axes = torch.eye(WIDTH, dtype=torch.float64)
    for port in ("q", "k", "v"):
        write(model, A, port, frame(1))
        write(model, B, port, axes[:, :D_HEAD] + axes[:, D_HEAD : 2 * D_HEAD])
    write(model, A, None, axes[:D_HEAD])
    write(model, B, None, frame(2).T)
    before = compositions(model)["v"]
    assert before == pytest.approx([(0.5 / 8) ** 0.5])
    model.blocks[1].input_layernorm.weight[D_HEAD : 2 * D_HEAD] = 0
    assert compositions(model)["v"] == pytest.approx([8**-0.5])


def test_what_every_layer_norm_takes_off_is_not_written() -> None:
    model = of_gpt2()
    write(model, A, "v", frame(1))
    for port in ("q", "k", "v"):
        write(model, B, port, frame(2))
    write(model, B, None, frame(3).T)
    write(model, A, None, frame(2).T)
    expected = compositions(model)
    write(model, A, None, frame(2).T + 0.7)
    assert compositions(model)["k"] == pytest.approx(expected["k"])


def test_heads_of_a_group_have_the_same_keys() -> None:
    model = decoder(llama())
    attention: Any = model.attention(1)
    attention.q_proj.weight[4:8] = attention.q_proj.weight[:4]
    attention.q_proj.weight[8:12] = attention.q_proj.weight[:4]
    keys = [Composition(head(0, 0), head(1, h), "k", "score", 1, 0) for h in (0, 1, 2)]
    first, same_group, other_group = answer(model, *keys)
    assert first == pytest.approx(same_group)
    assert first != pytest.approx(other_group)


@models
def test_random_orientations_have_the_mean_square_of_a_random_direction(
    make: Callable[[], Decoder],
) -> None:
    model = make()
    for port in ("q", "k", "v"):
        write(model, A, port, frame(1))
        write(model, B, port, frame(2))
    write(model, A, None, frame(3).T)
    write(model, B, None, frame(4).T)
    axes = WIDTH - (model.family.name == "gpt2")
    (values,) = answer(model, Composition(A, B, "q", "random", 400, 0))
    squares = torch.tensor(values) ** 2
    assert float(squares.mean()) == pytest.approx(1 / axes, rel=0.03)


def test_draws_follow_seed_pair_and_number() -> None:
    model = decoder(gpt2())
    ask = Composition(head(0, 0), head(1, 0), "q", "random", 6, 0)
    other, seeded = ask._replace(target=head(1, 1)), ask._replace(seed=1)
    first, fewer, strange, drawn = answer(model, ask, ask._replace(draws=3), other, seeded)
    assert first[:3] == fewer
    assert len(set(first)) == 6
    assert not set(first) & (set(strange) | set(drawn))
    some = run([ask], model, dataset(), ablation=ZERO, seed=3, only=[4, 1])[ask]
    assert list(some.values) == [first[1], first[4]]


def test_weights_that_are_zero_have_no_composition() -> None:
    assert torch.tensor(compositions(of_gpt2())["q"]).isnan().all()


# --- copying -----------------------------------------------------------------------------------

# Not in the first layer: there it would change what it reads.
MOVER = head(1, 1)
WORDS = tuple(range(100, 100 + D_HEAD))


def copier(make: Callable[[], Decoder], sign: float = 1.0) -> Decoder:
    """Eight words with an axis each, which the mover carries to what is read out for that word."""
    model = make()
    embedding = model.model.get_input_embeddings().weight
    axes = torch.eye(WIDTH, dtype=torch.float64)
    embedding[list(WORDS)] = axes[:D_HEAD]
    for i, word in enumerate(WORDS):
        embedding[word + 50] = -axes[i]
    write(model, MOVER, "v", axes[:, :D_HEAD])
    write(model, MOVER, None, sign * axes[:D_HEAD])
    if not model.model.config.tie_word_embeddings:
        model.model.get_output_embeddings().weight.copy_(embedding)
    return model


def words(*ids: int) -> Dataset:
    examples = tuple(
        Example("", "t", (1, i, j), {}, {"X": (1,), "Y": (1, 2)}, (Target(2, (5,), (6,)),))
        for i, j in zip(ids, ids[1:] + ids[:1], strict=True)
    )
    return Dataset(examples, "logit_diff", "0" * 64)


def copied(model: Decoder, *, positions: tuple[str, ...] = ("X",), top: int = 1) -> list[Any]:
    asked = [Copying(MOVER, positions, sign, top) for sign in ("positive", "negative")]
    return answer(model, *asked, data=words(*WORDS))


@models
def test_a_head_that_carries_a_word_to_its_own_logit_copies(make: Callable[[], Decoder]) -> None:
    assert copied(copier(make)) == [[1.0] * 8, [0.0] * 8]
    assert copied(copier(make, sign=-1.0)) == [[0.0] * 8, [1.0] * 8]


@models
def test_a_head_that_writes_nothing_copies_nothing(make: Callable[[], Decoder]) -> None:
    assert copied(copier(make, sign=0.0), top=100) == [[0.0] * 8, [0.0] * 8]


def test_the_share_is_of_all_words_named() -> None:
    model = copier(of_llama)
    axes = torch.eye(WIDTH, dtype=torch.float64)
    write(model, MOVER, None, torch.cat([axes[:1], torch.zeros_like(axes[1:D_HEAD])]))
    positive, _ = copied(model, positions=("X", "Y"))
    assert positive == [0.5, 0, 0, 0, 0, 0, 0, 0.5]


def test_the_input_is_what_the_first_block_leaves() -> None:
    model = decoder(gpt2())
    ask = [Copying(head(1, h), ("A", "B"), "positive", top) for h in range(3) for top in (20, 150)]
    found = answer(model, *ask)
    for one, values in zip(ask, found, strict=True):
        for example, value in zip(dataset().examples, values, strict=True):
            kept = model.model(torch.tensor([example.clean]), output_hidden_states=True)
            block, at = model.blocks[1], slice(one.head.head * 4, one.head.head * 4 + 4)
            x = block.ln_1(kept.hidden_states[1][0]) @ block.attn.c_attn.weight[:, 24:][:, at]
            x = x + block.attn.c_attn.bias[24:][at]
            rows = model.model.lm_head(
                model.model.transformer.ln_f(x @ block.attn.c_proj.weight[at])
            )
            places = sorted({i for p in ("A", "B") for i in example.positions[p]})
            hits = [example.clean[i] in rows[i].topk(one.top).indices.tolist() for i in places]
            assert value == pytest.approx(sum(hits) / len(hits))
    assert 0 < sum(map(sum, found)) < 30


def test_a_logit_that_is_no_number_makes_no_share() -> None:
    model = copier(of_llama)
    model.model.lm_head.weight[200] = torch.nan
    assert torch.tensor(copied(model)).isnan().all()


# --- patterns ----------------------------------------------------------------------------------


def looking(back: int) -> Decoder:
    """A head that looks ``back`` tokens back, by learned positions: query i and key i - back meet
    on an axis of their own."""
    sizes = {"n_embd": WIDTH, "n_head": 1, "n_positions": 32, "n_layer": 1, "n_inner": 8}
    model = empty(gpt2(**sizes))
    axes = torch.eye(WIDTH, dtype=torch.float64)
    inner: Any = model.model.transformer
    inner.wpe.weight.copy_(axes[:32] - axes[32:64])
    attention = inner.h[0].attn
    shift = torch.zeros(WIDTH, WIDTH, dtype=torch.float64)
    for i in range(back, 32):
        shift[i, i - back] = 1.0
    attention.c_attn.weight[:, :WIDTH] = 1000 * shift
    attention.c_attn.weight[:32, WIDTH : 2 * WIDTH] = axes[:32]
    return model


LENGTH = 6
KINDS = ("previous", "duplicate", "induction")


@pytest.mark.parametrize(("kind", "back"), [*zip(KINDS, (1, LENGTH, LENGTH - 1), strict=True)])
def test_a_head_of_one_kind_scores_one_and_no_other(kind: str, back: int) -> None:
    asked = [RepeatedTokens(head(0, 0), other, LENGTH, 2) for other in KINDS]  # type: ignore[arg-type]
    found = dict(zip(KINDS, answer(looking(back), *asked), strict=True))
    assert found.pop(kind) == pytest.approx([1.0, 1.0])
    assert all(value < 0.2 for values in found.values() for value in values)


def test_attention_is_from_the_query_to_the_key() -> None:
    model = looking(2)
    data = dataset()
    examples = tuple(replace(e, positions={"A": (1,), "END": (3,)}) for e in data.examples)
    there, back = answer(
        model,
        Attention(head(0, 0), "END", "A"),
        Attention(head(0, 0), "A", "END"),
        data=replace(data, examples=examples),
    )
    assert there == pytest.approx([1.0] * 5)
    assert back == [0.0] * 5

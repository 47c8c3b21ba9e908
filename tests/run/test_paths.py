"""Path patching, once more from the paper: hooks on transformers' own modules, nothing shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.names import LOGITS, PORTS, Node, Port, Reader, head, mlp
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import Config
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import (
    MODEL,
    Override,
    Variant,
    Version,
    direct_variant,
    patched_variant,
    path_variant,
)
from circuitlang.run import reference, sparse
from circuitlang.task.dataset import Example
from tests.model.tiny import decoder, gpt2, llama
from tests.plan.circuits import circuit
from tests.run.cases import dataset

CONFIGS = pytest.mark.parametrize(
    "config",
    [gpt2(n_layer=3), llama(num_hidden_layers=3, num_key_value_heads=2)],
    ids=["gpt2", "llama"],
)
RUNS = pytest.mark.parametrize("run", [reference.run, sparse.run], ids=["reference", "sparse"])
END = Positions.of(["END"])
PAIRED = Ablation("counterfactual", "other")


def ports(model: Decoder, layer: int) -> Mapping[Port, tuple[Any, slice]]:
    """The module that makes a port's vectors of all heads, and the columns of its output."""
    attention: Any = model.attention(layer)
    width = model.shape.d_head * model.shape.n_heads
    if model.shape.family == "gpt2":
        return {
            port: (attention.c_attn, slice(i * width, (i + 1) * width))
            for i, port in enumerate(PORTS)
        }
    modules = (attention.q_proj, attention.k_proj, attention.v_proj)
    return {port: (module, slice(0, width)) for port, module in zip(PORTS, modules, strict=True)}


@contextmanager
def hooks(*placed: tuple[Any, str, Callable[[Tensor], Tensor | None]]) -> Iterator[None]:
    """``placed``: a module, "in" or "out", and what sees the tensor and may replace it."""
    with ExitStack() as stack:
        for module, where, see in placed:
            if where == "in":

                def before(_: object, arguments: Any, see: Any = see) -> Any:
                    new = see(arguments[0])
                    return None if new is None else (new, *arguments[1:])

                stack.callback(module.register_forward_pre_hook(before).remove)
            else:

                def after(_: object, __: object, output: Any, see: Any = see) -> Any:
                    return see(output)

                stack.callback(module.register_forward_hook(after).remove)
        yield


def patch(
    model: Decoder, example: Example, sender: Node, receivers: dict[Reader, list[int]]
) -> Tensor:
    """Logits, (position, vocab_size), of algorithm 1 of Wang et al. 2022, app. B."""
    clean, corrupt = (torch.tensor([ids]) for ids in (example.clean, example.corrupt["other"]))
    layers = range(model.shape.n_layers)
    size = model.shape.d_head

    def cached(tokens: Tensor) -> dict[str, Tensor]:
        kept: dict[str, Tensor] = {}
        z = [(model.output_projection(i), "in", keep(kept, f"z{i}")) for i in layers]
        out = [(model.mlp_module(i), "out", keep(kept, f"m{i}")) for i in layers]
        with hooks(*z, *out):
            model.model(tokens)
        return kept

    def keep(kept: dict[str, Tensor], name: str) -> Callable[[Tensor], None]:
        def see(x: Tensor) -> None:
            kept[name] = x.detach().clone()

        return see

    old, new = cached(clean), cached(corrupt)

    def frozen(layer: int) -> Callable[[Tensor], Tensor]:
        def see(_: Tensor) -> Tensor:
            z = old[f"z{layer}"].clone()
            if sender.kind == "head" and sender.layer == layer:
                columns = slice(sender.head * size, (sender.head + 1) * size)
                z[..., columns] = new[f"z{layer}"][..., columns]
            return z

        return see

    recorded: dict[str, Tensor] = {}
    placed: list[Any] = [(model.output_projection(i), "in", frozen(i)) for i in layers]
    if sender.kind == "mlp":
        placed.append((model.mlp_module(sender.layer), "out", lambda _: new[f"m{sender.layer}"]))
    for reader in receivers:
        if reader.node.kind == "head" and reader.port:
            module, columns = ports(model, reader.node.layer)[reader.port]
            placed.append((module, "out", keep(recorded, str(reader))))
    with hooks(*placed):
        logits = model.model(clean).logits[0]
    if any(reader.node == LOGITS for reader in receivers):
        return torch.as_tensor(logits)

    def received(reader: Reader, at: list[int], columns: slice) -> Callable[[Tensor], Tensor]:
        own = slice(
            columns.start + reader.node.head * size, columns.start + (reader.node.head + 1) * size
        )

        def see(x: Tensor) -> Tensor:
            y = x.clone()
            y[:, at, own] = recorded[str(reader)][:, at, own]
            return y

        return see

    placed = []
    for reader, at in receivers.items():
        assert reader.port
        module, columns = ports(model, reader.node.layer)[reader.port]
        placed.append((module, "out", received(reader, at, columns)))
    with hooks(*placed):
        return torch.as_tensor(model.model(clean).logits[0])


def difference(logits: Tensor, example: Example) -> float:
    found = [
        logits[t.position, t.answer[0]] - logits[t.position, t.against[0]] for t in example.targets
    ]
    return float(sum(found)) / len(found)


MOVERS = [(head(2, 0), "q"), (head(2, 1), "q"), (head(1, 1), "q")]


@RUNS
@CONFIGS
@pytest.mark.parametrize(
    ("receivers", "at"),
    [
        ([(LOGITS, None)], EVERYWHERE),
        (MOVERS, EVERYWHERE),
        (MOVERS, END),
        ([(head(2, 1), "v")], EVERYWHERE),
        ([(head(2, 1), "k")], ~END),
    ],
    ids=["logits", "queries", "queries at END", "values", "keys but at END"],
)
def test_the_papers_algorithm(
    config: Config, receivers: list[tuple[Node, Port | None]], at: Positions, run: Any
) -> None:
    if config.model_type == "llama" and receivers[0][1] != "q":
        config = llama(num_hidden_layers=3, num_key_value_heads=config.num_attention_heads)
    model, data = decoder(config), dataset()
    readers = [Reader(*one) for one in receivers]
    senders = [head(0, 1), head(1, 0), mlp(0), mlp(1)]
    asks = {
        sender: Evaluation(
            path_variant(model.shape, {sender: EVERYWHERE}, dict.fromkeys(readers, at))
        )
        for sender in senders
    }
    found = run([*asks.values(), Evaluation(MODEL)], model, data, ablation=PAIRED, seed=0)
    for sender, ask in asks.items():
        for i, example in enumerate(data.examples):
            tokens = range(len(example.clean))
            named = {position for name in at.names for position in example.positions[name]}
            where = [t for t in tokens if (t in named) != at.complement]
            expected = difference(
                patch(model, example, sender, dict.fromkeys(readers, where)), example
            )
            assert found[ask].values[i] == pytest.approx(expected, abs=1e-9)
        assert found[ask].values != found[Evaluation(MODEL)].values


def seen(kept: list[Tensor]) -> Callable[[Tensor], None]:
    def see(x: Tensor) -> None:
        kept.append(x.detach().clone())

    return see


@RUNS
@CONFIGS
def test_denoising_is_the_corrupt_run_with_one_clean_head(config: Config, run: Any) -> None:
    model, data = decoder(config), dataset()
    size = model.shape.d_head
    nothing, one = (
        Evaluation(patched_variant(circuit(), frozenset(nodes))) for nodes in ((), (head(1, 0),))
    )
    found = run([nothing, one], model, data, ablation=PAIRED, seed=0)
    for i, example in enumerate(data.examples):
        corrupt = torch.tensor([example.corrupt["other"]])
        logits = model.model(corrupt).logits[0]
        assert found[nothing].values[i] == pytest.approx(difference(logits, example), abs=1e-9)
        clean: list[Tensor] = []
        with hooks((model.output_projection(1), "in", seen(clean))):
            model.model(torch.tensor([example.clean]))

        def clean_head(z: Tensor, clean: list[Tensor] = clean) -> Tensor:
            return torch.cat([clean[0][..., :size], z[..., size:]], -1)

        with hooks((model.output_projection(1), "in", clean_head)):
            logits = model.model(corrupt).logits[0]
        assert found[one].values[i] == pytest.approx(difference(logits, example), abs=1e-9)


@RUNS
@CONFIGS
def test_a_direct_effect_moves_the_final_stream_alone(config: Config, run: Any) -> None:
    model, data = decoder(config), dataset()
    size = model.shape.d_head
    ask = Evaluation(direct_variant(circuit(), frozenset({head(1, 1)})))
    found = run([ask], model, data, ablation=Ablation("zero"), seed=0)[ask].values
    for i, example in enumerate(data.examples):
        streams: list[Tensor] = []
        z: list[Tensor] = []
        with hooks(
            (model.family.final_norm(model.model), "in", seen(streams)),
            (model.output_projection(1), "in", seen(z)),
        ):
            model.model(torch.tensor([example.clean]))
        sent = model.write(1, z[0][:, :, None, size : 2 * size], [1])[:, :, 0]
        # A member of that circuit is ablated at END alone.
        streams[0][:, -1] -= sent[:, -1]
        logits = model.unembed(model.final(streams[0]))[0]
        assert found[i] == pytest.approx(difference(logits, example), abs=1e-9)


def test_a_port_reads_in_other_runs_only() -> None:
    model = decoder(gpt2())
    for what, version in (
        (Reader(head(0, 0), "q"), Version.ABLATED),
        (Reader(head(0, 0)), MODEL),
        (Reader(head(9, 0), "q"), MODEL),
    ):
        strange = Variant(Version.LIVE, (Override(what, EVERYWHERE, version),))
        for run in (reference.run, sparse.run):
            with pytest.raises(ValueError, match=str(what.node)):
                run([Evaluation(strange)], model, dataset(), ablation=PAIRED, seed=0)

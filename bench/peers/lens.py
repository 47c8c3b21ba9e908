"""TransformerLens: the model that every peer runs on, and circuits with its hooks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import (
    convert_gpt2_weights,
    convert_llama_weights,
)
from transformers import AutoModelForCausalLM

from bench.protocol import Json, Measured, Operation, timed

Model = Any  # a HookedTransformer; the peers bring no types that are worth checking


def load(folder: Path, *, edges: bool = False) -> Model:
    """The model as `HookedTransformer.from_pretrained_no_processing` makes it, which finds the
    names of published models only. ``edges``: with the flags that edge-level tools ask for."""
    auto: Any = AutoModelForCausalLM
    source = auto.from_pretrained(folder, dtype=torch.float32).eval()
    form, convert = _FORMS[source.config.model_type]
    config = HookedTransformerConfig.from_dict(form(source.config) | {"device": "cpu"})
    if edges:
        config.use_attn_result = True
        config.use_split_qkv_input = True
        config.use_hook_mlp_in = True
        config.ungroup_grouped_query_attention = config.n_key_value_heads is not None
    model = HookedTransformer(config)
    model.load_and_process_state_dict(
        convert(source, config),
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return model.eval()


def _gpt2(config: Any) -> Json:
    return {
        "d_model": config.n_embd,
        "d_head": config.n_embd // config.n_head,
        "n_heads": config.n_head,
        "d_mlp": config.n_embd * 4,
        "n_layers": config.n_layer,
        "n_ctx": config.n_positions,
        "eps": config.layer_norm_epsilon,
        "d_vocab": config.vocab_size,
        "act_fn": config.activation_function,
        "normalization_type": "LN",
        "original_architecture": "GPT2LMHeadModel",
    }


def _llama(config: Any) -> Json:
    head = config.hidden_size // config.num_attention_heads
    return {
        "d_model": config.hidden_size,
        "d_head": head,
        "n_heads": config.num_attention_heads,
        "n_key_value_heads": config.num_key_value_heads,
        "d_mlp": config.intermediate_size,
        "n_layers": config.num_hidden_layers,
        "n_ctx": 256,  # TransformerLens allocates masks and rotations for all of it
        "eps": config.rms_norm_eps,
        "d_vocab": config.vocab_size,
        "act_fn": config.hidden_act,
        "normalization_type": "RMS",
        "positional_embedding_type": "rotary",
        "rotary_adjacent_pairs": False,
        "rotary_dim": head,
        "rotary_base": int(config.rope_theta),
        "final_rms": True,
        "gated_mlp": True,
        "original_architecture": "LlamaForCausalLM",
    }


_FORMS: dict[str, tuple[Callable[[Any], Json], Callable[..., Any]]] = {
    "gpt2": (_gpt2, convert_gpt2_weights),
    "llama": (_llama, convert_llama_weights),
}


class Prompts:
    """The prompts of a task as tensors. All are of one length; the metric reads the last token."""

    def __init__(self, path: str) -> None:
        self.described: Json = json.loads(Path(path).read_text())
        self.listed: list[Json] = self.described["prompts"]
        self.clean = torch.tensor([one["clean"] for one in self.listed])
        self.corrupt = torch.tensor([one["corrupt"] for one in self.listed])
        self.answer = torch.tensor([one["answer"] for one in self.listed])
        self.against = torch.tensor([one["against"] for one in self.listed])
        self.templates = [one["template"] for one in self.listed]

    def difference(self, logits: Tensor, rows: slice = slice(None)) -> Tensor:
        """(prompt, position, vocabulary) -> answer's logit less its rival's, (prompt,)."""
        last = logits[:, -1]
        index = torch.arange(len(last))
        return last[index, self.answer[rows]] - last[index, self.against[rows]]


class Peer:
    """What every peer's worker can do: run the model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.prompts = cache(Prompts)

    def operations(self) -> dict[str, Operation]:
        return {"logits": self.logits}

    def logits(self, task: str, prompts: int) -> Measured:
        tokens = self.prompts(task).clean[:prompts]

        def work() -> list[list[float]]:
            found: list[list[float]] = self.model(tokens)[:, -1].tolist()
            return found

        return timed(work)


class Lens(Peer):
    """Circuits with one hook a layer, as the IOI notebooks of TransformerLens write them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder))
        self.means = cache(self._means)

    def operations(self) -> dict[str, Operation]:
        return super().operations() | {"nodes": self.nodes, "verification": self.verification}

    def nodes(
        self, task: str, work: str, chosen: Sequence[int], last_two: bool = False
    ) -> Measured:
        """The chosen variants of a work, one forward pass each; the means are made beforehand.

        ``last_two``: no logits but the two that the metric reads.
        """
        prompts, means = self.prompts(task), self.means(task)
        variants = [prompts.described["works"][work][i] for i in chosen]
        hooks = [self._hooks(prompts, variant, means) for variant in variants]
        read = self._two_logits if last_two else self._all_logits
        return timed(lambda: [read(prompts, one) for one in hooks])

    def verification(self, task: str, chosen: Sequence[int]) -> Measured:
        """As `nodes`, for the variants of a whole verification. ``once`` is what the means take."""
        started = time.perf_counter()
        self._means(task)
        once = time.perf_counter() - started
        return self.nodes(task, "verification", chosen)._replace(extra={"once": once})

    def _all_logits(self, prompts: Prompts, hooks: list[Any]) -> list[float]:
        logits = self.model.run_with_hooks(prompts.clean, fwd_hooks=hooks)
        return _floats(prompts.difference(logits))

    def _two_logits(self, prompts: Prompts, hooks: list[Any]) -> list[float]:
        model = self.model
        stream = model.run_with_hooks(
            prompts.clean, stop_at_layer=model.cfg.n_layers, fwd_hooks=hooks
        )
        rows = model.ln_final(stream[:, -1:])[:, 0]
        direction = model.W_U[:, prompts.answer] - model.W_U[:, prompts.against]
        bias = model.b_U[prompts.answer] - model.b_U[prompts.against]
        return _floats((rows * direction.T).sum(-1) + bias)

    def _means(self, task: str) -> dict[str, Tensor]:
        """Means over the corrupt prompts of a template, position by position, of every z and MLP
        output: (prompt, position, ...), by hook name."""
        prompts = self.prompts(task)
        wanted = [f"blocks.{layer}.attn.hook_z" for layer in range(self.model.cfg.n_layers)]
        wanted += [f"blocks.{layer}.hook_mlp_out" for layer in range(self.model.cfg.n_layers)]
        _, found = self.model.run_with_cache(
            prompts.corrupt, return_type=None, names_filter=lambda name: name in wanted
        )
        groups: dict[str, list[int]] = {}
        for i, template in enumerate(prompts.templates):
            groups.setdefault(template, []).append(i)
        means = {name: torch.empty_like(found[name]) for name in wanted}
        for indices in groups.values():
            for name in wanted:
                means[name][indices] = found[name][indices].mean(0, keepdim=True)
        return means

    def _hooks(self, prompts: Prompts, variant: Json, means: dict[str, Tensor]) -> list[Any]:
        """One hook for each layer's heads and each MLP of which anything is ablated."""
        cfg = self.model.cfg
        live = variant["default"] == "live"
        made = []
        for layer in range(cfg.n_layers):
            heads = torch.full((*prompts.clean.shape, cfg.n_heads), live)
            for index in range(cfg.n_heads):
                self._mark(heads[..., index], prompts, variant, f"a{layer}.h{index}")
            mlp = torch.full(prompts.clean.shape, live)
            self._mark(mlp, prompts, variant, f"m{layer}")
            for name, kept in (
                (f"blocks.{layer}.attn.hook_z", heads),
                (f"blocks.{layer}.hook_mlp_out", mlp),
            ):
                if not kept.all():
                    made.append((name, partial(_keep, kept=kept[..., None], means=means[name])))
        return made

    def _mark(self, kept: Tensor, prompts: Prompts, variant: Json, node: str) -> None:
        """Writes the opposite of the default where the variant names the node."""
        if node not in variant["but"]:
            return
        names = variant["but"][node]
        opposite = variant["default"] != "live"
        if names is None:
            kept[:] = opposite
            return
        for row, one in enumerate(prompts.listed):
            for name in names:
                kept[row, one["positions"][name]] = opposite


def _keep(value: Tensor, hook: Any, *, kept: Tensor, means: Tensor) -> Tensor:
    return torch.where(kept, value, means)


def _floats(values: Tensor) -> list[float]:
    found: list[float] = values.tolist()
    return found

"""float64 all the way through.

transformers computes some steps in float32 whatever the model's type: RMSNorm and the softmax of
attention. A float64 model would then agree with itself only to 1e-7. The stand-ins here are the
same formulas in the type of their input.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from circuitlang.model.family import Family, Model

ATTENTION = "circuitlang_float64"


class RMSNorm(nn.Module):
    """x / sqrt(mean(x²) + eps) * weight (Zhang & Sennrich 2019, eq. 4)."""

    def __init__(self, weight: nn.Parameter, eps: float) -> None:
        super().__init__()
        self.weight = weight
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * (x * scale)


def attention(
    module: Any,
    query: Tensor,  # (batch, head, position, d_head)
    key: Tensor,  # (batch, kv head, position, d_head)
    value: Tensor,
    attention_mask: Tensor,  # (batch, 1, position, position), added to the scores
    *,
    scaling: float,
    **_: object,
) -> tuple[Tensor, Tensor]:
    """Eager attention without a change of type; a transformers attention function."""
    group = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(group, dim=1), value.repeat_interleave(group, dim=1)
    pattern = torch.softmax(query @ key.transpose(2, 3) * scaling + attention_mask, dim=-1)
    return (pattern @ value).transpose(1, 2).contiguous(), pattern


def lift(model: Model, family: Family) -> None:
    """Makes a float64 model compute in float64 everywhere. Changes ``model``."""
    AttentionInterface.register(ATTENTION, attention)
    AttentionMaskInterface.register(ATTENTION, eager_mask)
    model.set_attn_implementation(ATTENTION)
    norms = [
        n for n, module in model.named_modules() if isinstance(module, family.norms_in_float32)
    ]
    for name in norms:
        module = model.get_submodule(name)
        model.set_submodule(name, RMSNorm(module.weight, module.variance_epsilon))

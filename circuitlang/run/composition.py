"""How much one head reads of what another writes, by their weights alone.

With columns as vectors, score(q, k) = x_qᵀ W_QK x_k and a head that adds W_OV x: composition is
‖W₂ W₁‖ / (‖W₂‖ ‖W₁‖) in Frobenius norms, W₁ = W_OV of the earlier head and W₂ = W_QKᵀ for q, W_QK
for k and W_OV for v of the later one (Elhage et al. 2021).

With W₂ = U₂ S₂ V₂ᵀ and W₁ = U₁ S₁ V₁ᵀ that is ‖S₂ V₂ᵀU₁ S₁‖ / (‖S₂‖ ‖S₁‖): singular values, and
how what is read lies to what is written. A random pair keeps the singular values and takes for
V₂ᵀU₁ a block of a random rotation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from circuitlang.circuit.names import Node, Port
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Composition, Request

Array = npt.NDArray[np.float64]


class Side(NamedTuple):
    """``values`` are singular values, (r,); ``basis`` the directions in the residual stream that
    go with them, (d_model, r); ``dimension`` that of the space that such directions may take."""

    values: Array
    basis: Array
    dimension: int


@torch.no_grad()
def read_composition(
    decoder: Decoder, requests: Sequence[Composition], draws: Sequence[int]
) -> dict[Request, list[float]]:
    """One number for each of the draws, which are counted from 0. NaN where a matrix is zero."""
    found: dict[Request, list[float]] = {}
    for one in requests:
        read, written = (
            reading_side(decoder, one.target, one.via),
            writing_side(decoder, one.source),
        )
        if one.reading == "score":
            found[one] = [score(read, written, read.basis.T @ written.basis)] * len(draws)
        else:
            found[one] = [score(read, written, _block(one, draw, read, written)) for draw in draws]
    return found


def score(read: Side, written: Side, overlap: Array) -> float:
    """‖S₂ X S₁‖ / (‖S₂‖ ‖S₁‖) for an ``overlap`` X, (r₂, r₁)."""
    product = np.linalg.norm(read.values[:, None] * overlap * written.values)
    size = np.linalg.norm(read.values) * np.linalg.norm(written.values)
    return float(product / size) if size > 0 else float("nan")


def random_overlap(rng: np.random.Generator, rows: int, columns: int, dimension: int) -> Array:
    """A block, (rows, columns), of a uniformly random rotation of ``dimension`` axes, up to signs
    of its columns: they change no norm."""
    gaussian = rng.standard_normal((dimension, columns))
    rotated: Array = np.linalg.qr(gaussian).Q[:rows]
    return rotated


def _block(request: Composition, draw: int, read: Side, written: Side) -> Array:
    name = f"{request.source}->{request.target}<{request.via}>"
    pair = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((request.seed, pair, draw))))
    return random_overlap(rng, len(read.values), len(written.values), read.dimension)


def reading_side(decoder: Decoder, head: Node, port: Port) -> Side:
    """W_QKᵀ, W_QK or W_OV of the head as a map from what it reads at ``port``.

    The head's own norm is folded in; biases and rotary positions are left out. Where queries share
    keys and values, a head has those of its group.
    """
    read = _folded(decoder, head, port)
    match port:
        case "q":
            other = _folded(decoder, head, "k")
        case "k":
            other = _folded(decoder, head, "q")
        case "v":
            other = _centred(decoder, head, _written(decoder, head))
    return _side(decoder, head, read, other)


def writing_side(decoder: Decoder, head: Node) -> Side:
    """W_OV of the head as a map to what it writes; its own norm is folded in, biases left out."""
    written = _centred(decoder, head, _written(decoder, head))
    return _side(decoder, head, written, _folded(decoder, head, "v"))


def _side(decoder: Decoder, head: Node, near: Tensor, far: Tensor) -> Side:
    """Singular values of near @ far.T, both (d_model, d_head), and its left singular vectors."""
    q_near, r_near = torch.linalg.qr(near)
    r_far = torch.linalg.qr(far).R
    left, values, _ = torch.linalg.svd(r_near @ r_far.T)
    centred = isinstance(_norm(decoder, head), nn.LayerNorm)
    basis: Array = (q_near @ left).cpu().numpy()
    return Side(values.cpu().numpy(), basis, decoder.shape.d_model - centred)


def _folded(decoder: Decoder, head: Node, port: Port) -> Tensor:
    """W_Q, W_K or W_V with the norm's weights, and the centring of a layer norm, folded in."""
    weight = decoder.read_weights(head.layer, port).weight[head.head].double()
    gain = _norm(decoder, head).weight.double()
    return _centred(decoder, head, gain[:, None] * weight)


def _written(decoder: Decoder, head: Node) -> Tensor:
    """W_O as (d_model, d_head)."""
    return decoder.write_weights(head.layer).weight[head.head].double().T


def _centred(decoder: Decoder, head: Node, weight: Tensor) -> Tensor:
    """Without the part that every layer norm takes off: (d_model, d_head) with zero column means
    where the norms of the model are layer norms."""
    if isinstance(_norm(decoder, head), nn.LayerNorm):
        return weight - weight.mean(0)
    return weight


def _norm(decoder: Decoder, head: Node) -> Any:
    return decoder.family.attention_norm(decoder.blocks[head.layer])

"""Attention to the token before."""

from __future__ import annotations

from circuitlang.plan.measures._heads import repeated_tokens

MEASURE = repeated_tokens(
    name="previous_token",
    pattern="previous",
    summary="On random tokens repeated twice: attention to the token before.",
    cells="A_h[i, i−1] over i ≥ 1",
    reference="Wang et al. 2022 (arXiv:2211.00593), app. H–I",
)

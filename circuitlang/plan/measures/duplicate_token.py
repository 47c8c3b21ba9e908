"""Attention to the earlier copy of this token."""

from __future__ import annotations

from circuitlang.plan.measures._heads import repeated_tokens

MEASURE = repeated_tokens(
    name="duplicate_token",
    pattern="duplicate",
    summary="On random tokens repeated twice: attention to the first copy of the token.",
    cells="A_h[i, i−n] over the second block",
    reference="Wang et al. 2022 (arXiv:2211.00593), app. H–I",
)

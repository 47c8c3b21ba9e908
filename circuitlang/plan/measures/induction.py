"""Attention to the token after the earlier copy of this one."""

from __future__ import annotations

from circuitlang.plan.measures._heads import repeated_tokens

MEASURE = repeated_tokens(
    name="induction",
    pattern="induction",
    summary="On random tokens repeated twice: attention to the token that followed the first copy.",
    cells="A_h[i, i−n+1] over the second block",
    reference=(
        "Olsson et al. 2022 (arXiv:2209.11895); Wang et al. 2022 (arXiv:2211.00593), app. H–I"
    ),
)

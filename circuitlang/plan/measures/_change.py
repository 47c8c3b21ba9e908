"""What measures of one intervention share: the change of F(M) that it makes, as a share of F(M)."""

from __future__ import annotations

from circuitlang.plan.measures.base import Statistic, mean


def relative_change(intervened: str) -> Statistic:
    """(F(x) - F(M)) / F(M), where ``intervened`` labels x."""
    return Statistic(
        {"": lambda f: (f[intervened] - f["M"]) / f["M"]},
        denominator=mean("M"),
        positive=True,
        inputs={"F(M)": mean("M"), f"F({intervened})": mean(intervened)},
    )

"""What a verification would run and cost: the text of `verify --dry-run`."""

from __future__ import annotations

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.cost import Cost


def cost_table(circuit: Circuit, cost: Cost) -> str:
    """The plan in numbers, ending in a line feed. Lengths are estimated from the text: no
    tokenizer has been opened."""
    rows = [
        ("variants", f"{cost.variants} of the model, on {cost.examples} examples each"),
        ("passes", f"{cost.passes:,} forward passes of one example"),
    ]
    if cost.tokens is not None:
        about = f", about {cost.tokens_per_example} an example" if cost.tokens_per_example else ""
        rows.append(("tokens", f"{cost.tokens:,}{about}"))
    if cost.flops is not None:
        rows.append(("compute", f"{cost.flops / 1e12:.3g} TFLOP; {cost.formula}"))
    else:
        rows.append(("compute", "not known before the data or the model is opened"))
    if cost.sparse is not None:
        sparse = cost.sparse
        each = f"{sparse.bytes_per_example / 2**20:.3g} MiB an example"
        rows += [
            (
                "rows",
                f"{sparse.head_rows:,} of heads, {sparse.mlp_rows:,} of MLPs, each value once",
            ),
            ("sparse", f"{sparse.flops / 1e12:.3g} TFLOP, as {sparse.passes:,.0f} passes; {each}"),
        ]
    rows += [("claim", f"{name}: {count} requests") for name, count in cost.claims.items()]
    lines = (f"  {key:8} {row}" for key, row in rows)
    return "\n".join([f"{circuit.name}: nothing was run", "", *lines]) + "\n"

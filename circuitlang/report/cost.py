"""What a verification would run and cost: the text of `verify --dry-run`."""

from __future__ import annotations

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.budget import MEMORY, side_by_side
from circuitlang.plan.cost import Cost
from circuitlang.plan.matrix_cost import MatrixCost
from circuitlang.syntax.counted import counted


def cost_table(circuit: Circuit, cost: Cost, memory: int = MEMORY) -> str:
    """The plan in numbers, ending in a line feed. Lengths are estimated from the text: no
    tokenizer has been opened. ``memory`` is what a batch may take, in bytes."""
    rows = [
        ("variants", f"{cost.variants} of the model, on {_examples(cost)}"),
        ("passes", f"{cost.passes:,} forward passes of one example"),
    ]
    if cost.looks:
        sizes = ", ".join(map(str, cost.looks))
        rows.append(
            (
                "looks",
                f"at {sizes} examples; this counts the last, the first takes "
                f"{cost.first_passes:,} passes",
            )
        )
    if cost.searched:
        rows.append(
            (
                "search",
                f"at most {cost.searched:,} variants on {cost.searched_examples} examples each; "
                "this counts its first round",
            )
        )
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
            ("memory", _memory(sparse.bytes_per_example, memory)),
        ]
    if cost.matrix is not None:
        rows += _matrix(cost.matrix)
    rows += [("claim", f"{name}: {count} requests") for name, count in cost.claims.items()]
    lines = (f"  {key:8} {row}" for key, row in rows)
    return "\n".join([f"{circuit.name}: nothing was run", "", *lines]) + "\n"


def _matrix(cost: MatrixCost) -> list[tuple[str, str]]:
    if not cost.claims:
        return [("matrix", "no claim to measure again")]
    claims = counted(cost.claims, "claim")
    return [
        ("matrix", f"{cost.possible} of {cost.cells} cells of {claims}, before the data are seen"),
        (
            "cells",
            f"{cost.together:,} forward passes in one plan, {cost.alone:,} in one run for each",
        ),
    ]


def _memory(each: int, memory: int) -> str:
    budget = f"{memory / 2**20:,.4g} MiB for a batch"
    if memory < each:
        return f"{budget}: not one example fits, so the variants run in parts"
    fitting = memory // max(1, each)
    return f"{budget}: {side_by_side(fitting)} examples side by side on a CPU"


def _examples(cost: Cost) -> str:
    each = f"{cost.examples} examples each"
    if not cost.random:
        return each
    return f"{each}; {counted(cost.random, 'random circuit')} among them on {cost.random_examples}"

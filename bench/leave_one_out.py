"""Leave-one-out of the 26-head IOI circuit: the sparse executor against one forward pass a variant.

    python -m bench.leave_one_out [--mlps ablated] [--positions all] [--examples N] [--rounds N]
                                  [--threads N]

Random weights of GPT-2 small's shape, prompts of 15 random tokens, mean ablation; the means are
computed beforehand for everybody, planning is part of the sparse executor's time. Contenders run in
turn, several rounds, and a time counts only after all numbers agree. Ratios are of neighbouring
runs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bench.hooks import run_hooks
from bench.ioi import ABLATION, gpt2_small, leave_one_out, prompts
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Evaluation
from circuitlang.plan.work import work_of
from circuitlang.run import reference, sparse
from circuitlang.run.ablated import Ablator, constants_of, make_ablator
from circuitlang.run.batch import Batch, make_batches
from circuitlang.run.readings import read_targets
from circuitlang.task.dataset import Dataset

AGREE = 1e-4  # of the largest number compared, or of 1
Contender = Callable[[], Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mlps", choices=["kept", "ablated"], default="kept")
    parser.add_argument("--positions", choices=["named", "all"], default="named")
    parser.add_argument("--examples", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="torch's own choice unless given")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)

    decoder, data = gpt2_small(), prompts(options.examples)
    requests = leave_one_out(
        decoder.shape, mlps=options.mlps == "kept", positions=options.positions
    )
    ablate = make_ablator(ABLATION, decoder, data, seed=0)
    contenders = _contenders(decoder, data, requests, ablate)
    print(
        f"{len(requests)} variants, MLPs {options.mlps}, positions {options.positions}, "
        f"{options.examples} prompts of 15 tokens, {torch.get_num_threads()} threads"
    )

    expected = contenders["sparse"]()
    for name, contender in contenders.items():
        apart = float((contender() - expected).abs().max()) / max(1, float(expected.abs().max()))
        print(f"  {name:22} differs by {apart:.1e}")
        if not apart <= AGREE:
            raise SystemExit(f"{name} does not agree: no time counts")
    _compare(contenders, options.rounds)
    _limit(decoder, data, requests, contenders["sparse"])


def _contenders(
    decoder: Decoder, data: Dataset, requests: Sequence[Evaluation], ablate: Ablator
) -> dict[str, Contender]:
    batches = list(make_batches(data, decoder))
    constants = [
        sparse.Constants(ablate(batch), constants_of(ABLATION, batch)) for batch in batches
    ]

    def with_sparse() -> Tensor:
        plan = sparse.plan_dataset(requests, decoder, data)
        parts = []
        for batch, known in zip(batches, constants, strict=True):
            found = sparse.run_batch(plan, requests, decoder, batch, known, data.metric)
            parts.append(torch.tensor([found[request] for request in requests]))
        return torch.cat(parts, 1)

    def with_reference() -> Tensor:
        def read(request: Evaluation, batch: Batch, known: sparse.Constants) -> Tensor:
            rows = reference.run_variant(decoder, batch, request.variant, known.values)
            return read_targets(decoder, data.metric, rows, batch.targets, rows)

        parts = [
            torch.stack([read(request, batch, known) for request in requests])
            for batch, known in zip(batches, constants, strict=True)
        ]
        return torch.cat(parts, 1)

    def with_hooks(*, last_only: bool) -> Tensor:
        parts = [
            run_hooks(decoder, requests, batch, known.values, last_only=last_only)
            for batch, known in zip(batches, constants, strict=True)
        ]
        return torch.cat(parts, 1)

    return {
        "sparse": with_sparse,
        "reference": with_reference,
        "hooks": lambda: with_hooks(last_only=False),
        "hooks, last logits only": lambda: with_hooks(last_only=True),
    }


def _compare(contenders: dict[str, Contender], rounds: int) -> None:
    """Seconds and ratios, each contender's run between two runs of the sparse executor."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    ratios: dict[str, list[float]] = {name: [] for name in contenders if name != "sparse"}
    before = _timed(contenders["sparse"])
    for _ in range(rounds):
        for name, found in ratios.items():
            taken, after = _timed(contenders[name]), _timed(contenders["sparse"])
            seconds[name].append(taken)
            seconds["sparse"].append(after)
            found.append(taken / ((before + after) / 2))
            before = after
    for name, taken_all in seconds.items():
        print(f"  {name:22} {_spread(taken_all)} s")
    for name, found in ratios.items():
        print(f"  {name:22} takes {_spread(found)} times as long as sparse")


def _limit(decoder: Decoder, data: Dataset, requests: Sequence[Evaluation], run: Contender) -> None:
    """How far the sparse executor is from the machine's best matrix product."""
    constants = sum(len(data.examples[i].clean) for i in (0, 1))  # of two templates
    work = work_of(sparse.plan_dataset(requests, decoder, data), constants)
    shares = []
    for _ in range(5):
        peak, taken = _peak(), _timed(run)
        shares.append(work.flops / taken / peak)
    print(
        f"  needed: {work.flops / 1e9:.1f} GFLOP ({work.head_rows:,} head rows, "
        f"{work.mlp_rows:,} MLP rows); matrix product {peak / 1e9:.0f} GFLOP/s; "
        f"sparse reaches {_spread(shares)} of it"
    )


def _peak(size: int = 1536) -> float:
    """FLOP/s of the best of a few square matrix products in float32."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    return max(2.0 * size**3 / _timed(lambda: a @ b) for _ in range(8))


def _timed(work: Contender) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _spread(values: Sequence[float]) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


if __name__ == "__main__":
    main()

"""What a plan asks of a model and of examples that they cannot give, said before anything runs.

How much text the model takes, and which examples share a template, is known only once both are
there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from circuitlang.circuit.circuit import Ablation
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.request import RepeatedTokens, Request
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import NOWHERE
from circuitlang.task.dataset import Dataset
from circuitlang.task.tokenizer import Tokenizer


class Limits(Protocol):
    """What a model takes; a `Decoder`, or a model that has not been loaded yet."""

    @property
    def shape(self) -> ModelShape: ...

    @property
    def tokenizer(self) -> Tokenizer: ...


def feasible(
    requests: Sequence[Request], model: Limits, dataset: Dataset, ablation: Ablation
) -> tuple[Diagnostic, ...]:
    """Findings for which `circuitlang.run.reference.run` would raise ValueError; none where it can
    answer all requests. Nodes that the model lacks are `circuitlang.check.fit`'s to find.

    Codes: prompt-too-long, not-enough-tokens, no-donor.
    """
    return (
        *_sequences(requests, model),
        *(_donors(dataset) if ablation.kind == "resample" else ()),
    )


def _sequences(requests: Iterable[Request], model: Limits) -> Iterator[Diagnostic]:
    for length in sorted({one.length for one in requests if isinstance(one, RepeatedTokens)}):
        most, different = model.shape.context, len(model.tokenizer.ordinary)
        if 2 * length > most:
            yield Diagnostic(
                "prompt-too-long",
                f"two blocks of {length:,} random tokens are {2 * length:,}, "
                f"and the model takes {most:,}",
                NOWHERE,
                help=f"`length={most // 2}` is the most",
            )
        elif length > different:
            yield Diagnostic(
                "not-enough-tokens",
                f"a block needs {length:,} different tokens, and the vocabulary has {different:,}",
                NOWHERE,
                help=f"`length={different}` is the most",
            )


def without_donor(dataset: Dataset) -> str | None:
    """Why values cannot be resampled; None where every example has a donor."""
    groups = Counter((one.template, len(one.clean)) for one in dataset.examples)
    alone = sorted(group for group, size in groups.items() if size == 1)
    if not alone:
        return None
    template, length = alone[0]
    more = f" (and {len(alone) - 1} more like it)" if len(alone) > 1 else ""
    return (
        "`resample` takes values from another example of the same template and length, "
        f"and `{template}` has one of {length} tokens alone{more}"
    )


def _donors(dataset: Dataset) -> Iterator[Diagnostic]:
    if message := without_donor(dataset):
        yield Diagnostic(
            "no-donor",
            message,
            NOWHERE,
            help="ask for more examples, or ablate by `mean` or `counterfactual`",
        )

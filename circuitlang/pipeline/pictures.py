"""What a report shows of single prompts, gathered after the claims have been judged.

Attention is read off the unmodified model, in the pass that both executors read attention claims
from, so there is one way to draw it whichever of them ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder
from circuitlang.plan.observations import Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.sample import Sample, sample_of
from circuitlang.report.pictures import Pattern, Pictures, Prompt
from circuitlang.run.rows import Look, attention_rows
from circuitlang.score.verdict import Verdict
from circuitlang.task.dataset import Dataset, Example, Tokens
from circuitlang.task.tokenizer import Tokenizer

# Of each head on each prompt; evenly spread where a position has more tokens.
QUERIES = 3
PROMPTS = 3
# Longer prompts are no picture that anybody reads.
LONGEST = 256


def gather(
    circuit: Circuit,
    verdicts: Sequence[Verdict],
    observations: Observations,
    dataset: Dataset,
    tokenizer: Tokenizer,
    opened: Callable[[], Decoder],
) -> Pictures:
    """Prompts, patterns and worst examples of the claims that were judged.

    ``opened`` loads the model; it is called only where there is a pattern to read.
    """
    worst: dict[str, dict[int, Mapping[str, float]]] = {}
    for verdict in verdicts:
        for index in verdict.worst:
            # What was measured on random tokens has no number of an example, nor a prompt to show.
            if numbers := _numbers(circuit, verdict, observations, dataset.templates, index):
                worst.setdefault(verdict.claim.name, {})[index] = numbers
    shown = [
        index
        for index in Sample(PROMPTS).indices(dataset.templates)
        if len(dataset.examples[index].clean) <= LONGEST
    ]
    looks = list(dict.fromkeys(_looks(circuit, verdicts, dataset, shown)))
    patterns: list[Pattern] = []
    if looks:
        prompts = [dataset.examples[index].clean for index in shown]
        rows = attention_rows(opened(), prompts, [look for _, look in looks])
        patterns = [
            Pattern(role, look.head, shown[look.prompt], look.query, rows[look])
            for role, look in looks
        ]
    indices = {pattern.prompt for pattern in patterns}.union(*worst.values())
    return Pictures(
        {index: _prompt(index, dataset.examples[index], tokenizer) for index in sorted(indices)},
        tuple(patterns),
        worst,
    )


def _looks(
    circuit: Circuit, verdicts: Iterable[Verdict], dataset: Dataset, shown: Sequence[int]
) -> Iterable[tuple[str, Look]]:
    """A role, and where one of its heads looks from: the position that a claim of attention names,
    or where the role writes for one of repeated tokens."""
    for verdict in verdicts:
        role = circuit.roles.get(str(verdict.claim.measure.arguments.get("role")))
        if role is None:
            continue
        for request in pose(circuit, verdict.claim).reads.values():
            match request:
                case Attention(head=head, source=source):
                    names: Iterable[str] = (source,)
                case RepeatedTokens(head=head):
                    names = () if role.at.complement else role.at.names
                case _:
                    continue
            yield from ((role.name, look) for look in _from(head, names, dataset, shown))


def _from(
    head: Node, names: Iterable[str], dataset: Dataset, shown: Sequence[int]
) -> Iterable[Look]:
    for place, index in enumerate(shown):
        example = dataset.examples[index]
        queries = sorted({q for name in names for q in example.positions.get(name, ())})
        if not names:
            queries = sorted({target.position for target in example.targets})
        for query in queries[:: -(-len(queries) // QUERIES) or 1]:
            yield Look(head, place, query)


def _numbers(
    circuit: Circuit,
    verdict: Verdict,
    observations: Observations,
    templates: Sequence[str],
    index: int,
) -> Mapping[str, float]:
    """What the claim's measure read of one example, by label."""
    reads = pose(circuit, verdict.claim, observations).reads
    if verdict.look is not None:
        templates = templates[: verdict.look.examples]
    read = {label: _of(request, observations, templates, index) for label, request in reads.items()}
    return {label: value for label, value in read.items() if value is not None}


def _of(
    request: Request, observations: Observations, templates: Sequence[str], index: int
) -> float | None:
    match request:
        case RepeatedTokens() | Composition():
            return None
        case Evaluation(examples=None, half=None) | Attention() | Copying():
            indices: Sequence[int] = range(len(templates))
        case Evaluation():
            indices = sample_of(request).indices(templates)
            # Of growing data another claim may have looked at more: then the places are others.
            if len(indices) != len(observations[request]):
                return None
    values = observations[request].values
    place = indices.index(index) if index in indices else len(values)
    return values[place] if place < len(values) else None


def _prompt(index: int, example: Example, tokenizer: Tokenizer) -> Prompt:
    def words(tokens: Tokens) -> tuple[str, ...]:
        return tuple(tokenizer.token(token) for token in tokens)

    target = example.targets[0] if example.targets else None
    return Prompt(
        index,
        example.template,
        words(example.clean),
        {name: words(tokens) for name, tokens in example.corrupt.items()},
        example.positions,
        words(target.answer) if target else (),
        words(target.against) if target else (),
    )

"""``repeated_tokens(length, copies)``: a random block of tokens, several times over.

Random tokens carry no meaning, so whatever a model predicts in a later copy it reads off an earlier
one (Elhage et al. 2021; Olsson et al. 2022, "In-context learning and induction heads").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from circuitlang.circuit.circuit import GeneratedData, TaskSpec
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.syntax.counted import counted
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.dataset import Tokens
from circuitlang.task.draft import Answer, Draft, Place, Side
from circuitlang.task.limits import MOST_TOKENS, too_many_tokens
from circuitlang.task.show import show_tokens
from circuitlang.task.tokenizer import Tokenizer

_TRIES = 100
_SHOWN = 8


def repeated_blocks(
    tokenizer: Tokenizer, length: int, copies: int, examples: int, seed: int
) -> tuple[Tokens, ...]:
    """``examples`` sequences of ``copies`` times the same block of ``length`` tokens; no BOS.

    A block is a uniform draw of ordinary tokens without replacement: as no token comes twice in a
    block, the token that followed "last time" is always one token. The first sequences are the same
    however many are asked for. Fewer come back where the vocabulary has not that many blocks.

    Raises ValueError where the vocabulary has fewer than ``length`` ordinary tokens.
    """
    if length > len(tokenizer.ordinary):
        raise ValueError(f"no {length} different tokens among {len(tokenizer.ordinary)}")
    return tuple(block * copies for block in islice(_blocks(tokenizer, length, seed), examples))


def _blocks(tokenizer: Tokenizer, length: int, seed: int) -> Iterator[Tokens]:
    """Different blocks, until none that is new comes up in a hundred draws."""
    seen: set[Tokens] = set()
    while True:
        for attempt in range(_TRIES):
            stream = Stream(seed, "block", len(seen), attempt)
            block = tuple(islice(_tokens(tokenizer, stream), length))
            if block not in seen:
                break
        else:
            return
        seen.add(block)
        yield block


def _tokens(tokenizer: Tokenizer, stream: Stream) -> Iterator[int]:
    ordinary = tokenizer.ordinary
    return (ordinary[index] for index in shuffled(stream, len(ordinary)))


def draft_repeated(
    data: GeneratedData, task: TaskSpec, tokenizer: Tokenizer, examples: int, least: int, seed: int
) -> tuple[tuple[Draft, ...], tuple[Diagnostic, ...]]:
    """Sequences with the position REPEAT, the last copy but for its last token, and the next token
    as the answer at each of its tokens.

    ``unrepeated`` keeps the last copy and draws each earlier one anew, from tokens that the last
    one does not hold: the same tokens are read, and nothing can be copied. Where there are not
    ``examples`` blocks, ``least`` are enough.
    """
    length, copies = data.arguments["length"], data.arguments["copies"]
    needed = length * (2 if task.corruptions else 1)
    if needed > len(tokenizer.ordinary):
        return (), (_few_tokens(data, task, needed, tokenizer),)
    each = length * copies * (1 + len(task.corruptions))
    if each * least > MOST_TOKENS:
        return (), (too_many_tokens(task, MOST_TOKENS // each),)
    most = min(examples, MOST_TOKENS // each)
    made = repeated_blocks(tokenizer, length, copies, most, seed)
    if len(made) < least:
        return (), (_few_blocks(data, len(made), least),)
    shape = f"repeated_tokens(length={length}, copies={copies})"
    place = Place(f"`{shape}`", data.span)
    repeat = tuple(range(length * (copies - 1), length * copies - 1))
    marks = {"REPEAT": repeat}
    drafts: list[Draft] = []
    for i, ids in enumerate(made):
        corrupt = {
            name: Side(_unrepeated(tokenizer, ids, length, Stream(seed, "corrupt", name, i)), marks)
            for name in task.corruptions
        }
        answers = {index: Answer((ids[index + 1],)) for index in repeat}
        text = f"{shape}: {show_tokens(tokenizer, ids[:_SHOWN])}|..."
        drafts.append(Draft(text, shape, place, Side(ids, marks), corrupt, answers))
    return tuple(drafts), ()


def _unrepeated(tokenizer: Tokenizer, ids: Tokens, length: int, stream: Stream) -> Tokens:
    last = ids[-length:]
    kept = frozenset(last)
    earlier: list[int] = []
    while len(earlier) < len(ids) - length:
        fresh = (token for token in _tokens(tokenizer, stream) if token not in kept)
        earlier.extend(islice(fresh, length))
    return (*earlier, *last)


def _few_tokens(
    data: GeneratedData, task: TaskSpec, needed: int, tokenizer: Tokenizer
) -> Diagnostic:
    most = len(tokenizer.ordinary) * data.arguments["length"] // needed
    return Diagnostic(
        "not-enough-tokens",
        f"`repeated_tokens` needs {counted(needed, 'different token')}, "
        f"and the vocabulary has {len(tokenizer.ordinary):,}",
        data.span,
        help=f"write `length={most}` or less" if most > 1 else None,
        note="a corruption needs as many again that are not in the block"
        if task.corruptions
        else None,
    )


def _few_blocks(data: GeneratedData, made: int, examples: int) -> Diagnostic:
    return Diagnostic(
        "not-enough-examples",
        f"{counted(examples, 'example')} asked for, and only {made:,} can be made",
        data.span,
        label=f"so few blocks of {counted(data.arguments['length'], 'token')} differ",
        help=f"write `examples = {made}`",
    )

"""What was needed, for each state of the parser in which a text can go wrong.

A state is named by sentences that lead to it, so the table outlives changes of the grammar that
renumber states. Each `Message` says what was needed after each of its sentences, and what could
be written there. A test holds that no reachable state is without one, and that no two claim the
same state.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.syntax.grammar import STATEMENTS
from circuitlang.syntax.machine import END, Machine

State = tuple[str, str, frozenset[str]]

_NEXT = "next statement"
_WORDS = frozenset(word for words in STATEMENTS.values() for word in words)


class Message(NamedTuple):
    needed: str
    help: str | None
    after: tuple[str, ...]


def message_for(word: str, last: str, accepts: frozenset[str]) -> Message | None:
    """The message for a state: in a statement that begins with ``word`` (`=` for a setting), right
    after a keyword or sign of kind ``last``, where these kinds of token are accepted."""
    return _table().get(state(word, last, accepts))


def state(word: str, last: str, accepts: frozenset[str]) -> State:
    """The key of a state. Whatever may begin the next statement counts as one thing."""
    if "RBRACE" not in accepts or not word:
        return word, last, accepts
    following = {kind for kind in accepts if kind.removesuffix("_WORD").lower() in _WORDS}
    return word, "", accepts - following - {"RBRACE", "NAME"} | {_NEXT}


def state_after(sentence: str) -> State:
    """The key of the state that a sentence leads to."""
    machine = Machine(sentence)
    while (token := machine.next()).type != END:
        if not machine.feed(token):
            raise ValueError(f"no way past `{token.value}` in: {sentence}")
    return state(machine.word(), machine.last(), machine.accepts())


@lru_cache(maxsize=1)
def _table() -> Mapping[State, Message]:
    table: dict[State, Message] = {}
    for message in MESSAGES:
        for sentence in message.after:
            table.setdefault(state_after(sentence), message)
    return MappingProxyType(table)


_TOP = "edition 1 circuit c {"
_TASK = f"{_TOP} task {{"
_ROLE = f"{_TOP} role r at END {{"
_CALLS = (f"{_TOP} claim n:", f"{_TASK} metric", f"{_TASK} generate")  # all three take a call

_SETTING = "write it as `examples = 512`"
_CORRUPT = 'write `corrupt NAME resample A, B`, `swap A, B`, `set A "word"` or `given`'
_POSITION = "write `position NAME last`, `first`, `given`, `after X` or `before X`"
_CLAIM = "a claim is written `claim NAME: faithfulness(as=ratio) >= 80%`"
_WAIVE = 'a waiver is written `waive CLAIM until "2027-01-31" because "reason"`'
_HEAD_OF_ROLE = "a role is written `role NAME at END attending IO { ... }`"
_EDGE = "an edge is written `edge ROLE -> ROLE via q`"
_METRIC = "a metric is written `metric logit_diff(answer=IO, against=S1) at END`"
_GENERATE = "a generator is written `generate repeated_tokens(length=50, copies=2)`"


def _each(heads: tuple[str, ...], tail: str) -> tuple[str, ...]:
    return tuple(head + tail for head in heads)


MESSAGES = (
    # --- the file ----------------------------------------------------------------------------
    Message("`edition 1`", None, ("",)),
    Message("the number of the edition", "write `edition 1`", ("edition",)),
    Message("`circuit` and its name", "write `circuit NAME { ... }`", ("edition 1",)),
    Message("the circuit's name", "write `circuit NAME { ... }`", ("edition 1 circuit",)),
    Message(
        "`{` after the circuit's name",
        "everything that the circuit states stands between `{` and `}`",
        ("edition 1 circuit c",),
    ),
    Message("the end of the file", None, ("edition 1 circuit c { }",)),
    Message("a statement or `}`", None, (_TOP, _TASK)),
    Message("a setting such as `dtype = float32`, or `}`", None, (f'{_TOP} model "x" {{',)),
    Message("a member or `}`", "a member is written `head a9.h6` or `mlp m3`", (_ROLE,)),
    Message(
        "the next statement or `}`",
        None,
        (
            f'{_TOP} doc "x"',
            f'{_TOP} cite "x"',
            f'{_TOP} model "x" {{ }}',
            f"{_TASK} }}",
            f"{_TOP} policy {{ }}",
            f"{_TOP} keep mlps",
            f"{_ROLE} }}",
            f"{_TOP} edge a -> b status disputed",
            f"{_TOP} claim n: f() >= 1 else warn",
            f'{_TOP} waive n until "x" because "x"',
            f'{_TASK} words w from "x" sha256 "x"',
            f'{_TASK} prompt p "x"',
            f'{_TASK} data "x" sha256 "x"',
            f"{_TASK} generate f()",
            f"{_TASK} corrupt x given",
            f"{_TASK} position A last",
            f"{_TASK} metric f() at A",
            f'{_TASK} x = "x"',
        ),
    ),
    # --- prose -------------------------------------------------------------------------------
    Message("a text in double quotes", 'write `doc "..."`', (f"{_TOP} doc",)),
    Message("a text in double quotes", 'write `cite "arXiv:..."`', (f"{_TOP} cite",)),
    # --- model and policy --------------------------------------------------------------------
    Message(
        "the model's source in double quotes",
        'write `model "hf:openai-community/gpt2"`',
        (f"{_TOP} model",),
    ),
    Message(
        "`{` and settings, or the next statement",
        'settings follow as in `model "..." { dtype = float32 }`',
        (f'{_TOP} model "x"',),
    ),
    Message("`{` and settings", "write `policy { ... }`", (f"{_TOP} policy",)),
    Message("`=` and a value after the setting's name", _SETTING, (f"{_TASK} x",)),
    Message("a value: a name, a number, or a text in quotes", _SETTING, (f"{_TASK} x =",)),
    Message("`(` or the next setting", None, (f"{_TASK} x = y",)),
    Message("`%` or the next setting", None, (f"{_TASK} x = 1",)),
    # --- task --------------------------------------------------------------------------------
    Message("`{` and the statements of the task", "write `task { ... }`", (f"{_TOP} task",)),
    Message(
        "a name for the list of words",
        'write `words NAME from "words/names.txt"`',
        (f"{_TASK} words",),
    ),
    Message(
        "`from` and a path in double quotes",
        'write `words NAME from "words/names.txt"`',
        (f"{_TASK} words w",),
    ),
    Message(
        "a path in double quotes",
        'write `words NAME from "words/names.txt"`',
        (f"{_TASK} words w from",),
    ),
    Message(
        "`sha256` and a digest, or the next statement",
        None,
        (f'{_TASK} words w from "x"', f'{_TASK} data "x"'),
    ),
    Message(
        "a SHA-256 digest in double quotes",
        'write `sha256 "..."` with 64 hexadecimal digits',
        (f'{_TASK} words w from "x" sha256', f'{_TASK} data "x" sha256'),
    ),
    Message("a name for the prompt", 'write `prompt NAME "..."`', (f"{_TASK} prompt",)),
    Message(
        "the prompt in double quotes",
        'write `prompt NAME "Then, {IO:name} went to the {place}"`',
        (f"{_TASK} prompt p",),
    ),
    Message("a path in double quotes", 'write `data "ioi.jsonl"`', (f"{_TASK} data",)),
    Message("the name of a generator", _GENERATE, (f"{_TASK} generate",)),
    Message("`(` after the generator's name", _GENERATE, (f"{_TASK} generate f",)),
    Message("a name for the corruption", _CORRUPT, (f"{_TASK} corrupt",)),
    Message("what the corruption does", _CORRUPT, (f"{_TASK} corrupt c",)),
    Message(
        "a position such as `S1`",
        _CORRUPT,
        (
            f"{_TASK} corrupt c resample",
            f"{_TASK} corrupt c swap",
            f"{_TASK} corrupt c set",
            f"{_TASK} corrupt c swap A,",
        ),
    ),
    Message(
        "`,` and another position, or the next statement",
        "separate positions with commas: `resample A, B`",
        (f"{_TASK} corrupt c resample A",),
    ),
    Message("the word in double quotes", 'write `set A "word"`', (f"{_TASK} corrupt c set A",)),
    Message("a position such as `END`", _POSITION, (f"{_TASK} position",)),
    Message(
        "the position beside which it lies",
        _POSITION,
        (f"{_TASK} position A after", f"{_TASK} position A before"),
    ),
    Message("the place of the position, such as `last`", _POSITION, (f"{_TASK} position A",)),
    Message("a metric", _METRIC, (f"{_TASK} metric",)),
    Message("`(` after the metric's name", _METRIC, (f"{_TASK} metric f",)),
    Message("`at` and a position", _METRIC, (f"{_TASK} metric f()",)),
    Message("a position such as `END`", _METRIC, (f"{_TASK} metric f() at",)),
    # --- structure ---------------------------------------------------------------------------
    Message("`mlps`", "write `keep mlps`", (f"{_TOP} keep",)),
    Message("the role's name", _HEAD_OF_ROLE, (f"{_TOP} role",)),
    Message("`at` and the position where the role writes", _HEAD_OF_ROLE, (f"{_TOP} role r",)),
    Message(
        "a position such as `END`, or `any`",
        _HEAD_OF_ROLE,
        (f"{_TOP} role r at", f"{_TOP} role r at A attending"),
    ),
    Message("another position", _HEAD_OF_ROLE, (f"{_TOP} role r at A,",)),
    Message(
        "`attending`, `{`, or `,` and another position",
        _HEAD_OF_ROLE,
        (f"{_TOP} role r at A",),
    ),
    Message("`attending` or `{`", _HEAD_OF_ROLE, (f"{_TOP} role r at any",)),
    Message(
        "`{`, or `,` and another position",
        _HEAD_OF_ROLE,
        (f"{_TOP} role r at A attending B",),
    ),
    Message("`{` and the members", _HEAD_OF_ROLE, (f"{_TOP} role r at A attending any",)),
    Message("a head such as `a9.h6`", "write `head a9.h6`", (f"{_ROLE} head",)),
    Message("an MLP such as `m3`", "write `mlp m3`", (f"{_ROLE} mlp",)),
    Message(
        "`status`, or the next member",
        "one member a line; doubt is written `head a9.h6 status disputed`",
        (f"{_ROLE} head a9.h6", f"{_ROLE} mlp m3"),
    ),
    Message(
        "the next member or `}`",
        None,
        (f"{_ROLE} head a9.h6 status disputed", f"{_ROLE} mlp m3 status disputed"),
    ),
    Message(
        "`disputed`",
        "`disputed` is the only status",
        (
            f"{_ROLE} head a9.h6 status",
            f"{_ROLE} mlp m3 status",
            f"{_TOP} edge a -> b status",
        ),
    ),
    Message(
        "the start of the edge: a role, a node, or `input`",
        _EDGE,
        (f"{_TOP} edge",),
    ),
    Message("`->` and the end of the edge", _EDGE, (f"{_TOP} edge a",)),
    Message("the end of the edge: a role, a node, or `logits`", _EDGE, (f"{_TOP} edge a ->",)),
    Message(
        "`via`, `status`, or the next statement",
        "ports are written `via k, v`",
        (f"{_TOP} edge a -> b",),
    ),
    Message(
        "a port: `q`, `k` or `v`",
        "write `via q`",
        (f"{_TOP} edge a -> b via", f"{_TOP} edge a -> b via q,"),
    ),
    Message(
        "`,` and another port, `status`, or the next statement",
        "separate ports with commas: `via k, v`",
        (f"{_TOP} edge a -> b via q",),
    ),
    # --- claims ------------------------------------------------------------------------------
    Message("the claim's name", _CLAIM, (f"{_TOP} claim",)),
    Message("`:` after the claim's name", _CLAIM, (f"{_TOP} claim n",)),
    Message("a measure", _CLAIM, (f"{_TOP} claim n:",)),
    Message("`(` after the measure's name", _CLAIM, (f"{_TOP} claim n: f",)),
    Message("`>=`, `<=` or `~=`", _CLAIM, (f"{_TOP} claim n: f()",)),
    Message("a number or a percentage", _CLAIM, (f"{_TOP} claim n: f() >=",)),
    Message(
        "`%`, `+-`, `else`, or the next statement",
        "`~=` takes a tolerance, as in `~= 50% +- 5%`; a claim that only warns ends in `else warn`",
        (f"{_TOP} claim n: f() >= 1",),
    ),
    Message(
        "`+-`, `else`, or the next statement",
        "`~=` takes a tolerance, as in `~= 50% +- 5%`; a claim that only warns ends in `else warn`",
        (f"{_TOP} claim n: f() >= 1%",),
    ),
    Message("the tolerance", "write `~= 50% +- 5%`", (f"{_TOP} claim n: f() ~= 1 +-",)),
    Message(
        "`%`, `else`, or the next statement",
        "a claim that only warns ends in `else warn`",
        (f"{_TOP} claim n: f() ~= 1 +- 1",),
    ),
    Message(
        "`else`, or the next statement",
        "a claim that only warns ends in `else warn`",
        (f"{_TOP} claim n: f() ~= 1 +- 1%",),
    ),
    Message("`warn`", "write `else warn`", (f"{_TOP} claim n: f() >= 1 else",)),
    Message("the name of the claim to waive", _WAIVE, (f"{_TOP} waive",)),
    Message("`until` and a date in double quotes", _WAIVE, (f"{_TOP} waive n",)),
    Message("a date in double quotes", _WAIVE, (f"{_TOP} waive n until",)),
    Message("`because` and a reason in double quotes", _WAIVE, (f'{_TOP} waive n until "x"',)),
    Message("a reason in double quotes", _WAIVE, (f'{_TOP} waive n until "x" because',)),
    # --- calls -------------------------------------------------------------------------------
    Message(
        "an argument or `)`",
        "an argument is written `name=value`",
        (*_each(_CALLS, " f("), f"{_TASK} x = f("),
    ),
    Message(
        "a value: a name, a position, a node, a number, or a text in quotes",
        "an argument is written `name=value`",
        (
            *_each(_CALLS, " f(a="),
            *(*_each(_CALLS, " f(a,"), f"{_TASK} x = f(a,"),
        ),
    ),
    Message(
        "`=` and a value, `,` or `)`",
        "an argument is written `name=value`",
        (*_each(_CALLS, " f(a"), f"{_TASK} x = f(a"),
    ),
    Message(
        "`,` and another argument, or `)`",
        "arguments are written `(name=value, name=value)`",
        (
            *(*_each(_CALLS, " f(a=B"), f"{_TASK} x = f(a=B"),
            *(*_each(_CALLS, " f(a=b"), f"{_TASK} x = f(a=b"),
            *(*_each(_CALLS, " f(a=1"), f"{_TASK} x = f(a=1"),
        ),
    ),
)

"""Whether what a role's heads read comes out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from circuitlang.circuit.circuit import Circuit, PromptData, PromptTemplate
from circuitlang.plan.measures._heads import OVER, ROLE, fold_heads, heads, prefix
from circuitlang.plan.measures.base import Arguments, Measure, Misuse, Parameter, Statistic
from circuitlang.plan.request import Copying

ANSWERS = "answers"


def _positions(circuit: Circuit, at: str) -> tuple[str, ...]:
    """The positions meant: one, or every slot that the answer's word list fills."""
    if at != ANSWERS:
        return (at,)
    data = circuit.task.data
    templates = data.templates if isinstance(data, PromptData) else ()
    filled = [(slot, words) for one in templates for slot, words in _words(one).items()]
    lists = {words for slot, words in filled if slot == circuit.task.metric.answer}
    return tuple(sorted({slot for slot, words in filled if words in lists}))


def _words(template: PromptTemplate) -> Mapping[str, str | None]:
    """The word list of each slot that has a position; a slot that repeats another has the other's,
    whichever of them comes first."""
    slots = {slot.position: slot for slot in template.slots if slot.position}
    found: dict[str, str | None] = {}
    for position in slots:
        seen, origin = {position}, position
        while (repeated := slots[origin].repeats) in slots and repeated not in seen:
            seen.add(repeated)
            origin = repeated
        found[position] = slots[origin].words
    return found


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Copying]:
    positions = _positions(circuit, str(arguments["at"]))
    negative, top = arguments["sign"] == "negative", int(str(arguments["top"]))
    return {
        str(h): Copying(h, positions, "negative" if negative else "positive", top)
        for h in heads(circuit, arguments)
    }


def _statistic(circuit: Circuit, arguments: Arguments) -> Statistic:
    return replace(fold_heads(circuit, arguments), proportion=True)


def _formula(arguments: Arguments) -> str:
    sign = "−" if arguments["sign"] == "negative" else ""
    return (
        f"{prefix(arguments)} share of the words at {arguments['at']} in the top "
        f"{arguments['top']} of LN_f({sign}OV_h(x)) W_U, x after block 0"
    )


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    if _positions(circuit, str(arguments["at"])):
        return None
    return Misuse(
        "missing-argument",
        "`copying` needs the argument `at`: no slot of a prompt says where the answer's words "
        "stand",
        help="write `at=` and a position of the task",
    )


MEASURE = Measure(
    name="copying",
    summary=(
        "The share of words that a head's OV circuit puts among the top logits, at the positions "
        "where they stand; `answers` are all slots that the answer's word list fills. `negative` "
        "asks the same of −OV."
    ),
    parameters=(
        ROLE,
        Parameter("at", "position", choices=(ANSWERS,), default=ANSWERS),
        Parameter("sign", "choice", choices=("positive", "negative"), default="positive"),
        Parameter("top", "integer", default=5, bounds=(1, 100)),
        OVER,
    ),
    relative=lambda _: True,
    formula=_formula,
    requests=_requests,
    statistic=_statistic,
    reference="Wang et al. 2022 (arXiv:2211.00593), sec. 3.1, and its released code",
    misuse=_misuse,
    covers=lambda _: ("size",),
)

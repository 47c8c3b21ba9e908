"""A difference as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re

from circuitlang.circuit.difference import Difference
from circuitlang.report.diff.behaviour import HELD, chances, numbers, signed
from circuitlang.report.diff.record import Behaviour
from circuitlang.report.diff.text import headed, totals
from circuitlang.report.number import number


def difference_to_markdown(difference: Difference) -> str:
    """A heading, one table a statement that changed, and the totals; ends in a line feed."""
    a, b = difference.a, difference.b
    lines = [f"### {code(a.name)} → {code(b.name)}", "", f"{code(a.path)} → {code(b.path)}", ""]
    if not difference:
        return "\n".join([*lines, "No difference."]) + "\n"
    lines += [
        f"- {rename.kind} {code(rename.before)} is {code(rename.after)} in B"
        for rename in difference.renames
    ]
    lines += ["", "| | what | A | B | effect |", "|---|---|---|---|---|"]
    for heading, changes in headed(difference.changes):
        for line in changes:
            what = f"{heading} {line.what}".strip()
            cells = (line.sign, code(what), *map(code, (line.before, line.after)), line.effects)
            lines.append(f"| {' | '.join(map(cell, cells))} |")
    lines += ["", *(f"{line}  " for line in totals(difference))]
    return "\n".join(lines) + "\n"


def behaviour_to_markdown(behaviour: Behaviour) -> str:
    """The verdict and the numbers, a table of what carries the difference, and prompts."""
    found = behaviour.versus
    lines = [f"### Behaviour: {found.relation}", "", *(f"- {line}" for line in numbers(behaviour))]
    if found.carried:
        head = ("", "", "rest as in A", "rest as in B", "mean", "p (corrected)", "")
        lines += ["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        for one in found.carried:
            values = (signed(found, m) for m in (one.in_a, one.in_b, one.mean))
            cells = (code(one.name), HELD[one.held], *values, chances(one), one.role)
            lines.append(f"| {' | '.join(map(cell, cells))} |")
    if found.witnesses:
        lines += ["", "| example | M | A | B | prompt |", "|---|---|---|---|---|"]
        for w in found.witnesses:
            model = "" if w.model is None else number(w.model)
            cells = (str(w.example), model, number(w.a), number(w.b), code(w.text))
            lines.append(f"| {' | '.join(map(cell, cells))} |")
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """The text as a code span, whatever backticks it holds; nothing for nothing."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def cell(text: str) -> str:
    """The text inside a table."""
    return text.replace("|", "\\|").replace("\n", " ")

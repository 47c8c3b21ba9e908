"""Waivers: of a claim that exists, until a day that has not passed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from circuitlang.check.checked import Checked
from circuitlang.check.suggest import suggest
from circuitlang.circuit.circuit import Waiver
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_waivers(
    waivers: Sequence[tree.Waive], claims: Collection[str], today: date
) -> Checked[tuple[Waiver, ...]]:
    """``claims`` are the names of all declared claims. A waiver holds through its last day."""
    resolved: dict[str, Waiver] = {}
    for waiver in waivers:
        name = waiver.claim.text
        if name not in claims:
            yield Diagnostic(
                "unknown-claim",
                f"there is no claim `{name}` to waive",
                waiver.claim.span,
                help=suggest(name, claims, "claims"),
            )
        if name in resolved:
            yield Diagnostic(
                "duplicate-name",
                f"`{name}` is waived twice",
                waiver.claim.span,
                secondary=(Label(resolved[name].span, "first waived here"),),
            )
        yield from _check_day(waiver, today)
        resolved.setdefault(
            name, Waiver(name, waiver.until.value, waiver.because.value, waiver.claim.span)
        )
        if not waiver.because.value.strip():
            yield Diagnostic("missing-reason", "a waiver says why", waiver.because.span)
    return tuple(resolved.values())


def _check_day(waiver: tree.Waive, today: date) -> Checked[None]:
    text = waiver.until.value
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        yield Diagnostic(
            "bad-date",
            f"`{text[:40]}` is no day of the calendar",
            waiver.until.span,
            help='write year, month and day: `"2027-01-31"`',
        )
    elif day < today:
        yield Diagnostic(
            "expired-waiver",
            f"the waiver of `{waiver.claim}` ended on {text}",
            waiver.until.span,
            label=f"today is {today.isoformat()}",
            help="mend the claim, or decide anew and write a later day",
        )

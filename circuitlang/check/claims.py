"""Claims: a known measure, well called, compared with a quantity of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from circuitlang.check.arguments import Values, arguments_of, bind, describe
from circuitlang.check.checked import Checked
from circuitlang.check.names import unique
from circuitlang.check.scope import Scope
from circuitlang.check.suggest import suggest
from circuitlang.check.vocabulary import MEASURE_ARGUMENTS, METRICS
from circuitlang.circuit.circuit import Claim, MeasureCall, MetricDef
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Measure
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label


def check_claims(
    claims: Sequence[tree.Claim], scope: Scope, metric: MetricDef | None
) -> Checked[tuple[Claim, ...]]:
    yield from unique("claim", (claim.name for claim in claims))
    resolved: list[Claim] = []
    for claim in claims:
        one = yield from _check_claim(claim, scope, metric)
        if one is not None:
            resolved.append(one)
    return tuple(resolved)


def _check_claim(
    claim: tree.Claim, scope: Scope, metric: MetricDef | None
) -> Checked[Claim | None]:
    yield from _check_tolerance(claim)
    call = claim.measure
    measure = MEASURES.get(call.name.text)
    if measure is None:
        yield Diagnostic(
            "unknown-measure",
            f"there is no measure `{call.name}`",
            call.name.span,
            help=suggest(call.name.text, MEASURES, "measures"),
        )
        return None
    values = yield from bind(
        call.name, arguments_of(call), MEASURE_ARGUMENTS[measure.name], scope, settings=False
    )
    if values is None:
        return None
    yield from _check_quantity(claim, measure, values)
    if measure.null(values) is not None:
        yield from _check_test(claim)
    if metric is not None:
        yield from _check_metric(claim, measure, values, metric)
    comparator: Any = claim.comparator.text
    return Claim(
        name=claim.name.text,
        measure=MeasureCall(measure.name, MappingProxyType(dict(values))),
        comparator=comparator,
        threshold=claim.quantity.value,
        tolerance=claim.tolerance.value if claim.tolerance else None,
        percent=claim.quantity.percent,
        severity="warn" if claim.severity else "error",
        span=claim.name.span,
    )


def _check_tolerance(claim: tree.Claim) -> Checked[None]:
    quantity, tolerance = claim.quantity, claim.tolerance
    if claim.comparator.text == "~=" and tolerance is None:
        yield Diagnostic(
            "missing-tolerance",
            "`~=` needs a tolerance: how near is near",
            claim.comparator.span.to(quantity.span),
            help=f"write `~= {describe(quantity)} +- {'5%' if quantity.percent else '0.05'}`",
        )
    elif tolerance is not None and claim.comparator.text != "~=":
        yield Diagnostic(
            "unneeded-tolerance",
            f"`{claim.comparator}` has no use for a tolerance, only `~=` has",
            tolerance.span,
            help=f"write `~= {describe(quantity)} +- {describe(tolerance)}`, or leave it out",
        )
    elif tolerance is not None and tolerance.value <= 0:
        yield Diagnostic(
            "out-of-bounds",
            f"the tolerance is {describe(tolerance)}, it has to be above zero",
            tolerance.span,
        )


def _check_quantity(claim: tree.Claim, measure: Measure, values: Values) -> Checked[None]:
    if measure.relative(values):
        return
    for number in (claim.quantity, claim.tolerance):
        if number is not None and number.percent:
            yield Diagnostic(
                "absolute-percentage",
                f"`{describe(claim.measure)}` is no share of anything, so {describe(number)} of "
                "it means nothing",
                number.span,
                secondary=(Label(claim.measure.span, measure.formula(values)),),
                help=f"write a number in the unit of the measure, such as `{number.value:g}`",
            )


def _check_test(claim: tree.Claim) -> Checked[None]:
    """A p-value is above a level or not; nothing else about it is a finding."""
    call, quantity = describe(claim.measure), claim.quantity
    if claim.comparator.text == "~=":
        yield Diagnostic(
            "unsuitable-comparator",
            f"`{call}` is a p-value: it is above a level or not, but near to nothing",
            claim.comparator.span,
            help="write `>= 5%`, the hypothesis is not rejected at 5%, or `<= 5%`, it is",
        )
    elif not 0 < quantity.value < 1:
        yield Diagnostic(
            "out-of-bounds",
            f"`{call}` is a p-value: its level is {describe(quantity)[:40]}, and has to lie "
            "between 0 and 1",
            quantity.span,
            help=f"write `{claim.comparator} 5%`",
        )


def _check_metric(
    claim: tree.Claim, measure: Measure, values: Values, metric: MetricDef
) -> Checked[None]:
    reason = METRICS[metric.name].no_ratio
    if reason is not None and measure.needs_ratio_metric(values):
        yield Diagnostic(
            "no-ratio-metric",
            f"`{describe(claim.measure)}` divides by the model's `{metric.name}`, and {reason}",
            claim.measure.span,
            secondary=(Label(metric.span, "the metric"),),
            help="claim `faithfulness(as=gap)`, or take another metric",
        )

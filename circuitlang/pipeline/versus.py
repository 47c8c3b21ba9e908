"""`circuitlang diff --run`: two circuits on the same prompts, and what carries the difference."""

from __future__ import annotations

import time

from circuitlang.model.opened import Models
from circuitlang.pipeline.definition import Form, shared_form
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.entrant import Entrant
from circuitlang.pipeline.ready import Progress
from circuitlang.pipeline.together import measure_together, prepare_together
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.versus import match
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.report.diff.record import Behaviour
from circuitlang.score.judge import MIN_EXAMPLES, too_few
from circuitlang.score.paired import Texts, versus
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import NOWHERE

# Within so much of the model's behaviour two circuits count as equal; where a form is no share
# there is no such number, and it has to be given.
TOLERANCE = 0.05


def behave(
    a: Entrant,
    b: Entrant,
    form: Form | None,
    tolerance: float | None,
    options: Options,
    progress: Progress,
) -> Behaviour | Blocked:
    """Both circuits, and every exchange of one difference between them, in one run.

    ``form`` is that of `faithfulness`; None takes one that both files make claims about. ``behave``
    of B and A gives the same numbers, negated.
    """
    started = time.perf_counter()
    chosen = form or shared_form(a.circuit, b.circuit)
    if isinstance(chosen, Diagnostic):
        return Blocked(str(a.path), Findings(a.circuit.source, (chosen,)), EXIT_INVALID)
    models = Models()
    field = prepare_together((a, b), options, progress, models)
    if isinstance(field, Blocked):
        return field
    if (n := len(field.ready.dataset)) < MIN_EXAMPLES:
        few = Diagnostic("too-few-examples", too_few(n), NOWHERE, help="write `--examples 256`")
        return Blocked(str(a.path), Findings(a.circuit.source, (few,)), EXIT_INVALID)
    first, second = (entrant.circuit for entrant in field.entrants)
    # Sums and quantiles round by their order: one order for both directions makes them agree.
    turned = second.digest < first.digest
    planned = match(second, first, chosen) if turned else match(first, second, chosen)
    measured = measure_together(field, planned.requests, options, progress, models)
    if isinstance(measured, Blocked):
        return measured
    arguments = {"as": chosen}
    faithfulness = MEASURES["faithfulness"]
    share = faithfulness.relative(arguments)
    found = versus(
        planned,
        faithfulness.statistic(first, arguments),
        measured.observations,
        field.policy,
        tolerance if tolerance is not None else TOLERANCE if share else 0.0,
        Texts(field.texts, faithfulness.formula(arguments), share, chosen),
    )
    return Behaviour(
        versus=found.turned if turned else found,
        variants=len(planned.requests),
        provenance=measured.provenance,
        seconds=time.perf_counter() - started,
    )

"""`circuitlang compare`: rival circuits, sorted by what they are about and ranked within it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from circuitlang.model.opened import Models
from circuitlang.pipeline.definition import Form, definition, shared_form
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.entrant import Entrant
from circuitlang.pipeline.together import Field, fields, measure_together
from circuitlang.pipeline.verify import Progress
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.variant import kept
from circuitlang.plan.versus import runs_of
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.report.compare.record import Comparison, Group
from circuitlang.score.rank import Ranking, Rival, rank, size_of
from circuitlang.syntax.diagnostic import Diagnostic, Findings

TOLERANCE = 0.05


def compare(
    entrants: Sequence[Entrant],
    form: Form | None,
    tolerance: float | None,
    options: Options,
    progress: Progress,
) -> Comparison | Blocked:
    """Every circuit beside its rivals: those that are measured on the same prompts in the same way.

    Each group of rivals is one run. ``form`` is that of `faithfulness`; None takes one that all
    rivals of a group make claims about. Blocked where there is none, or a file cannot be measured.
    """
    started = time.perf_counter()
    models = Models()
    found = fields(entrants, options, progress, models)
    if isinstance(found, Blocked):
        return found
    claimed = {entrant.path: entrant.circuit for entrant in entrants}
    groups: list[Group] = []
    for field in found:
        circuits = [claimed[entrant.path] for entrant in field.entrants]
        chosen = form or shared_form(*circuits)
        if isinstance(chosen, Diagnostic):
            if len(circuits) == 1:
                groups.append(_alone(field))
                continue
            path = str(field.entrants[0].path)
            return Blocked(path, Findings(circuits[0].source, (chosen,)), EXIT_INVALID)
        group = _group(field, chosen, tolerance, options, progress, models)
        if isinstance(group, Blocked):
            return group
        groups.append(group)
    return Comparison(tuple(groups), time.perf_counter() - started)


def _group(
    field: Field,
    form: Form,
    tolerance: float | None,
    options: Options,
    progress: Progress,
    models: Models,
) -> Group | Blocked:
    rivals = _rivals(field, form)
    requests = tuple(dict.fromkeys(r for rival in rivals for r in rival.runs.values()))
    measured = measure_together(field, requests, options, progress, models)
    if isinstance(measured, Blocked):
        return measured
    faithfulness, arguments = MEASURES["faithfulness"], {"as": form}
    share = faithfulness.relative(arguments)
    policy = field.policy
    ranking = rank(
        rivals,
        faithfulness.statistic(field.entrants[0].circuit, arguments),
        form,
        measured.observations,
        policy,
        tolerance if tolerance is not None else TOLERANCE if share else 0.0,
        edges_count=policy.granularity == "edges",
    )
    return replace(
        _alone(field),
        form=form,
        formula=faithfulness.formula(arguments),
        percent=share,
        ranking=ranking,
        variants=len(requests),
        device=measured.device,
        executor=measured.executor,
        versions=measured.versions,
        preflight=measured.preflight,
        found=measured.found,
        needed=measured.needed,
        warnings=measured.warnings,
    )


def _rivals(field: Field, form: Form) -> tuple[Rival, ...]:
    """By name, so that the order of the files changes nothing."""
    members = {node for entrant in field.entrants for node in entrant.circuit.members}
    rivals = (
        Rival(
            str(entrant.path),
            entrant.circuit.name,
            size_of(entrant.circuit),
            runs_of(kept(entrant.circuit), members, form),
        )
        for entrant in field.entrants
    )
    return tuple(sorted(rivals, key=lambda rival: (rival.name, rival.path)))


def _alone(field: Field) -> Group:
    """A group of which nothing is measured yet."""
    return Group(
        definition=definition(field.entrants[0].circuit),
        names=tuple(entrant.circuit.name for entrant in field.entrants),
        paths=tuple(str(entrant.path) for entrant in field.entrants),
        examples=len(field.ready.dataset),
        model_digest=field.ready.prospect.digest,
        data_digest=field.ready.dataset.digest,
        confidence=field.policy.confidence,
        ranking=Ranking((), (), 0, "", ("the file makes no claim of faithfulness",)),
    )

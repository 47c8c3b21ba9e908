"""`circuitlang compare`: rival circuits, sorted by what they are about and ranked within it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from circuitlang.model.opened import Models
from circuitlang.pipeline.definition import Form, definition, shared_form
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.entrant import Entrant
from circuitlang.pipeline.ready import Progress
from circuitlang.pipeline.together import Field, fields, measure_together
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observations
from circuitlang.plan.ranked import Nested, Scores, nested
from circuitlang.plan.variant import kept
from circuitlang.plan.versus import runs_of
from circuitlang.report.blocked import EXIT_INVALID, Blocked
from circuitlang.report.compare.record import Comparison, Group
from circuitlang.score.curves import GRID
from circuitlang.score.rank import Ranking, Rival, half_of, rank, size_of
from circuitlang.score.ranked import Areas, areas
from circuitlang.syntax.diagnostic import Diagnostic, Findings

TOLERANCE = 0.05


def compare(
    entrants: Sequence[Entrant],
    form: Form | None,
    tolerance: float | None,
    options: Options,
    progress: Progress,
    scored: Mapping[str, Scores] = MappingProxyType({}),
) -> Comparison | Blocked:
    """Every circuit beside its rivals: those that are measured on the same prompts in the same way.

    Each group of rivals is one run. ``form`` is that of `faithfulness`; None takes one that all
    rivals of a group make claims about. Blocked where there is none, or a file cannot be measured.
    ``scored`` are rankings of all edges of the model, by the path of their file: what each is worth
    on the prompts and under the ablation of the rivals is measured in the same run.
    """
    started = time.perf_counter()
    models = Models()
    found = fields(entrants, options, progress, models)
    if isinstance(found, Blocked):
        return found
    if problems := tuple(_unscored(found, scored)):
        one = found[0].entrants[0]
        return Blocked(str(one.path), Findings(one.circuit.source, problems), EXIT_INVALID)
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
        group = _group(field, chosen, tolerance, scored, options, progress, models)
        if isinstance(group, Blocked):
            return group
        groups.append(group)
    return Comparison(tuple(groups), time.perf_counter() - started)


def _group(
    field: Field,
    form: Form,
    tolerance: float | None,
    scored: Mapping[str, Scores],
    options: Options,
    progress: Progress,
    models: Models,
) -> Group | Blocked:
    rivals = _rivals(field, form)
    sizes = {path: nested(scores, GRID) for path, scores in scored.items()}
    wanted = (*(r for rival in rivals for r in rival.runs.values()),)
    wanted += (*(r for runs in sizes.values() for r in runs.requests),)
    requests = tuple(dict.fromkeys(wanted))
    measured = measure_together(field, requests, options, progress, models)
    if isinstance(measured, Blocked):
        return measured
    faithfulness, arguments = MEASURES["faithfulness"], {"as": form}
    share = faithfulness.relative(arguments)
    policy = field.policy
    if tolerance is None:
        tolerance = TOLERANCE if share else 0.0
    ranking = rank(
        rivals,
        faithfulness.statistic(field.entrants[0].circuit, arguments),
        form,
        measured.observations,
        policy,
        tolerance,
        edges_count=policy.granularity == "edges",
    )
    return replace(
        _alone(field),
        form=form,
        formula=faithfulness.formula(arguments),
        percent=share,
        tolerance=tolerance,
        ranking=ranking,
        areas=_areas(field, sizes, measured.observations),
        variants=len(requests),
        provenance=measured.provenance,
    )


def _areas(
    field: Field, sizes: Mapping[str, Nested], observations: Observations
) -> tuple[Areas, ...]:
    arguments = {"as": "normalized"}
    statistic = MEASURES["faithfulness"].statistic(field.entrants[0].circuit, arguments)
    held = half_of(observations, "report")
    return tuple(areas(path, runs, statistic, held, field.policy) for path, runs in sizes.items())


def _unscored(found: Sequence[Field], scored: Mapping[str, Scores]) -> Iterator[Diagnostic]:
    """Why rankings cannot be measured: they are of another model, or there is no one task."""
    if scored and len(found) > 1:
        yield Diagnostic(
            "graph-differs",
            f"a ranking is measured on the prompts of one task, and the files have {len(found)}",
            found[1].entrants[0].circuit.model.span,
            help="name the files of one task",
        )
        return
    for path, scores in scored.items():
        edges = frozenset(found[0].ready.prospect.shape.edges())
        if scores.keys() != edges:
            yield Diagnostic(
                "graph-differs",
                f"`{path}` scores {len(edges & scores.keys()):,} of the model's {len(edges):,} "
                f"edges, and {len(scores.keys() - edges):,} that it does not have",
                found[0].entrants[0].circuit.model.span,
                help="a ranking needs a score for every edge of this model",
            )


def _rivals(field: Field, form: Form) -> tuple[Rival, ...]:
    """By name, so that the order of the files changes nothing; where two have one name, the path
    tells them apart."""
    members = {node for entrant in field.entrants for node in entrant.circuit.members}
    names = Counter(entrant.circuit.name for entrant in field.entrants)
    rivals = (
        Rival(
            str(entrant.path),
            entrant.circuit.name
            if names[entrant.circuit.name] == 1
            else f"{entrant.circuit.name} ({entrant.path})",
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
        confidence=field.policy.confidence,
        ranking=Ranking((), (), 0, "", ("the file makes no claim of faithfulness",)),
        provenance=field.provenance,
    )

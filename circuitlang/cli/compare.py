"""`circuitlang compare`."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from circuitlang.cli.console import colored, compiled, deliver, progress_bar, show_findings
from circuitlang.cli.options import (
    measure_option,
    output_option,
    running,
    spare,
    spec_files,
    tolerance_option,
)

if TYPE_CHECKING:
    from circuitlang.circuit.names import Edge
    from circuitlang.pipeline.definition import Form
    from circuitlang.pipeline.dry_run import Options


@click.command()
@spec_files
@measure_option
@tolerance_option
@click.option(
    "--ranked",
    "graphs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="GRAPH",
    help="A graph of EAP-IG or MIB with scores, JSON or .pt: its CPR and CMD on the same prompts.",
)
@running
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@output_option
def compare(
    options: Options,
    files: tuple[Path, ...],
    measure: Form | None,
    tolerance: float | None,
    graphs: tuple[Path, ...],
    form: str,
    output: Path | None,
) -> None:
    """Rank the rival circuits of FILES by how much of the model they keep, against their size.

    Rivals are circuits that are measured on the same prompts in the same way; what is not, is
    listed apart and never compared. Numbers are of the held-out half of the prompts.

    Exit code: 0 ranked; 2 a file, its data or the measure is invalid; 3 nothing can be told; 4
    could not measure.
    """
    from circuitlang.pipeline.entrant import Entrant
    from circuitlang.report.blocked import Blocked

    spare([output], (*files, *graphs))
    entrants = [Entrant(file, compiled(file)[1]) for file in dict.fromkeys(files)]
    scored = {str(graph): _scores(graph) for graph in graphs}
    # Once the files are known to be sound: these take seconds to import.
    from circuitlang.pipeline.compare import compare as ranked
    from circuitlang.report.compare import render

    with progress_bar("compare") as progress:
        found = ranked(entrants, measure, tolerance, options, progress, scored)
    if isinstance(found, Blocked):
        show_findings(found.findings, "full", sys.stderr)
        sys.exit(found.exit_code)
    for group in found.groups:
        for warnings in group.provenance.warnings:
            show_findings(warnings, "full", sys.stderr)
    deliver(render(found, form, color=output is None and colored(sys.stdout)), output)
    sys.exit(found.exit_code)


def _scores(graph: Path) -> Mapping[Edge, float]:
    """The score of every edge that a graph scores, or the program ended with what is wrong."""
    from circuitlang.circuit.names import parse_edge
    from circuitlang.cli.exchange import read_scores

    edges = {parse_edge(name): edge.score for name, edge in read_scores(graph).edges.items()}
    return {
        edge: score
        for edge, score in edges.items()
        if edge is not None and score is not None and math.isfinite(score)
    }

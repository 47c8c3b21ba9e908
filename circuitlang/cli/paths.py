"""`circuitlang paths`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from circuitlang.cli.console import deliver, progress_bar, show_findings
from circuitlang.cli.options import output_option, running, spare, spec_file

if TYPE_CHECKING:
    from circuitlang.pipeline.dry_run import Options


@click.command()
@spec_file
@click.option("--to", required=True, metavar="NAME", help="A role, a head, an MLP or logits.")
@click.option(
    "--via",
    type=click.Choice(["q", "k", "v", "any"]),
    default="any",
    show_default=True,
    help="The port through which a head receives.",
)
@click.option(
    "--from",
    "senders",
    type=click.Choice(["heads", "mlps", "both"]),
    default="heads",
    show_default=True,
)
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="0: all.")
@running
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@output_option
def paths(
    options: Options,
    file: Path,
    to: str,
    via: str,
    senders: str,
    top: int,
    form: str,
    output: Path | None,
) -> None:
    """Rank every head by what its direct paths to one receiver of FILE do: path patching.

    Each sender alone is ablated on its paths through MLPs, all other heads frozen; what the
    receiver then reads is given to it in the model (Wang et al. 2022, app. B).

    Exit code: 0 measured; 2 FILE, its data or --to is invalid; 4 could not measure.
    """
    from circuitlang.pipeline.paths import Question, ask
    from circuitlang.pipeline.verify import verify_circuit
    from circuitlang.report import render
    from circuitlang.report.blocked import EXIT_NOT_MEASURED, Blocked
    from circuitlang.report.paths import render_paths
    from circuitlang.syntax.diagnostic import Findings

    spare([output], [file])
    try:
        question = Question(to, via, senders)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from None
    asked = ask(file, question)
    if isinstance(asked, Blocked):
        show_findings(asked.findings, "full", sys.stderr)
        sys.exit(asked.exit_code)
    with progress_bar(str(file)) as progress:
        result = verify_circuit(asked, file, options, progress)
    if isinstance(result, Blocked):
        if form == "json":
            deliver(render(result, form), output)
        show_findings(result.findings, "full", sys.stderr)
        sys.exit(result.exit_code)
    if result.warnings:
        show_findings(Findings(asked.source, result.warnings), "full", sys.stderr)
    text = render_paths(result, top or None) if form == "text" else render(result, form)
    deliver(text, output)
    sys.exit(0 if result.verdicts[0].estimate is not None else EXIT_NOT_MEASURED)

"""`circuitlang verify`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from circuitlang.circuit.circuit import MOST_EXAMPLES
from circuitlang.cli.console import progress_bar, show_findings
from circuitlang.cli.evidence import Kept, check_kept, keeping, record
from circuitlang.cli.options import running, spec_files, worst
from circuitlang.cli.reports import Delivery, reporting

if TYPE_CHECKING:
    from circuitlang.pipeline.dry_run import Options
    from circuitlang.plan.sensitivity import Which
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.record import Report


class _Command(click.Command):
    """An option whose value may be left out takes it after an equals sign only, so that it never
    swallows the file that follows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = args.index("--") if "--" in args else len(args)
        bare = (f"{one}=faithfulness" if one == "--sensitivity" else one for one in args[:options])
        return super().parse_args(ctx, [*bare, *args[options:]])


@click.command(cls=_Command)
@spec_files
@click.option("--claim", "claims", multiple=True, metavar="NAME", help="Verify this claim only.")
@running
@click.option(
    "--explain", "explained", is_flag=True, help="Say for each claim why it was measured again."
)
@click.option(
    "--decide",
    is_flag=True,
    help="Take more examples for claims that are inconclusive, in declared looks.",
)
@click.option(
    "--max-examples",
    type=click.IntRange(1, MOST_EXAMPLES),
    help="With --decide, how many at most  [default: 8 times the first].",
)
@click.option(
    "--sensitivity",
    type=click.Choice(["faithfulness", "all"]),
    metavar="[=all]",
    help="Measure claims of faithfulness (or all that ablate) under other policies, too.",
)
@click.option("--dry-run", is_flag=True, help="Say what would run and what it costs; run nothing.")
@keeping
@click.option(
    "--skip-missing-models",
    is_flag=True,
    help="Where a spec's model is not at hand, say so and go on.",
)
@reporting
def verify(
    options: Options,
    files: tuple[Path, ...],
    claims: tuple[str, ...],
    explained: bool,
    decide: bool,
    max_examples: int | None,
    sensitivity: Which | None,
    dry_run: bool,
    kept: Kept,
    skip_missing_models: bool,
    delivery: Delivery,
) -> None:
    """Measure the claims of FILES on their models and judge them.

    Exit code: 0 all claims pass or are waived; 1 a claim fails; 2 a spec or its data is invalid and
    nothing ran; 3 a claim is inconclusive or vacuous; 4 could not measure (model, memory,
    preflight). With --against, also 1 where a claim fell, 2 where nothing may be compared.
    """
    from circuitlang.report.blocked import Blocked, skipped_without_model
    from circuitlang.report.record import Report

    if explained and not options.cache:
        raise click.UsageError("--explain is about the cache, and --no-cache does without it")
    if max_examples is not None and not decide:
        raise click.UsageError("--max-examples is how far --decide may go, which is not given")
    if decide and sensitivity is not None:
        raise click.UsageError(
            "--sensitivity compares at one number of examples; --decide has many"
        )
    options = replace(
        options,
        claims=claims,
        decide=decide,
        most_examples=max_examples,
        pictures="html" in delivery.forms,
        sensitivity=sensitivity,
    )
    check_kept(kept, options, files, delivery.written)
    if dry_run:
        sys.exit(max(_dry_run(file, options) for file in files))
    from circuitlang.model.opened import Models
    from circuitlang.pipeline.verify import verify_file

    # Read before anything runs: an hour of measuring should not end in a file that is none.
    baselines = [kept.baseline(file) for file in files]
    results: list[Report | Blocked] = []
    codes: list[int] = []
    models = Models()
    for file, baseline in zip(files, baselines, strict=True):
        with progress_bar(str(file)) as progress:
            result = verify_file(file, options, progress, models, baseline)
        if isinstance(result, Blocked) and skip_missing_models:
            result = skipped_without_model(result)
        delivery.show(result, explain=explained)
        results.append(result)
        codes.append(result.exit_code)
        if kept.record and isinstance(result, Report):
            codes.append(record(result, file))
    delivery.finish(results, explain=explained)
    sys.exit(worst(codes))


def _dry_run(file: Path, options: Options) -> int:
    """Prints the plan and its cost; the exit code that goes with it."""
    from circuitlang.pipeline.dry_run import plan_file
    from circuitlang.plan.budget import MEMORY
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.cost import cost_table

    planned = plan_file(file, options)
    if isinstance(planned, Blocked):
        show_findings(planned.findings, "full", sys.stderr)
        return planned.exit_code
    click.echo(cost_table(*planned, options.memory or MEMORY), nl=False)
    return 0

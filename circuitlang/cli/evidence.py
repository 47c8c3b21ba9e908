"""Evidence at the command line: `verify --record` and `--against`, `reproduce`, `report`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from circuitlang.cli.console import (
    EXIT_UNWRITABLE,
    deliver,
    progress_bar,
    show_findings,
    wrote_file,
)
from circuitlang.cli.options import EXIT_INVALID, executing, output_option, spare, worst
from circuitlang.cli.reports import Delivery, reporting

if TYPE_CHECKING:
    from circuitlang.pipeline.against import Baseline
    from circuitlang.pipeline.dry_run import Options
    from circuitlang.report.record import Report

_SHARE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)(%?)")


evidence_files = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="EVIDENCE..."
)


class Kept(NamedTuple):
    """What a verification does with evidence: ``record`` writes it, ``against`` is some to compare
    with, or a folder that has some for each spec; a claim may fall by ``most``."""

    record: bool
    against: Path | None
    most: float

    def baseline(self, file: Path) -> Baseline | None:
        """What a spec is compared with, read and found sound, or the program ended with what is
        wrong. Where a folder has no evidence of the spec that is said, and there is none."""
        from circuitlang.pipeline.against import Baseline
        from circuitlang.pipeline.evidence import read_evidence
        from circuitlang.report.evidence import evidence_path

        if self.against is None:
            return None
        path = self.against
        if path.is_dir():
            own = evidence_path(file.absolute())
            below = own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own.name
            places = [path / name for name in dict.fromkeys((str(below), own.name))]
            found = next((place for place in places if place.exists()), None)
            if found is None:
                looked = " nor ".join(map(str, places))
                click.echo(f"{file}: not compared, as there is no {looked}", err=True)
                return None
            path = found
        evidence, findings = read_evidence(path)
        if evidence is None:
            show_findings(findings, "full", sys.stderr)
            sys.exit(EXIT_INVALID)
        return Baseline(evidence, self.most)


def _share(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """A share as one writes it in a spec, 5% or 0.05. BadParameter for what is none."""
    if text is None:
        return None
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"`{text}` is no number: write 5% or 0.05")
    return float(match[1]) / (100 if match[2] else 1)


_KEEPING = (
    click.option(
        "--record",
        is_flag=True,
        help="Write the evidence beside each spec: ioi.circuit gets ioi.evidence.json.",
    ),
    click.option(
        "--against",
        type=click.Path(path_type=Path),
        metavar="EVIDENCE",
        help="Compare with evidence, claim by claim, by a paired test; of a folder, each spec with "
        "that of its own path or name.",
    ),
    click.option(
        "--max-drop",
        callback=_share,
        metavar="NUMBER",
        help="With --against: how far a claim may fall, 5% or 0.05  [default: 0].",
    ),
)


def keeping(command: Callable[..., None]) -> Callable[..., None]:
    """The options that keep evidence or look at it, handed to the command as ``kept``."""

    @wraps(command)
    def with_kept(
        *, record: bool, against: Path | None, max_drop: float | None, **others: object
    ) -> None:
        if max_drop is not None and against is None:
            raise click.UsageError("--max-drop is about --against EVIDENCE")
        command(kept=Kept(record, against, max_drop or 0.0), **others)

    for option in reversed(_KEEPING):
        with_kept = option(with_kept)
    return with_kept


def check_kept(
    kept: Kept, options: Options, files: Sequence[Path], written: Sequence[Path | None]
) -> None:
    """Raises click.UsageError for what cannot be asked for together; reports are ``written``."""
    from circuitlang.report.evidence import evidence_path

    own = [evidence_path(file) for file in files] if kept.record else []
    against = [kept.against] if kept.against is not None and kept.against.is_file() else []
    spare(written, (*files, *own, *against))
    if kept.record and options.claims:
        raise click.UsageError("--record is of all claims of a file: leave out --claim")
    if options.decide and (kept.record or kept.against is not None):
        raise click.UsageError(
            "evidence is judged on all of its examples at once, and --decide judges in looks: "
            "leave it out with --record and --against"
        )
    if kept.against is not None and len(files) > 1 and not kept.against.is_dir():
        raise click.UsageError(
            "--against compares one file with its evidence; several take the folder of theirs"
        )


def record(report: Report, file: Path) -> int:
    """Writes the evidence of a report beside its spec; an exit code. A link there is replaced, not
    followed: it may be a stranger's."""
    from datetime import date

    from circuitlang.report.evidence import evidence, evidence_path

    path = evidence_path(file)
    if not wrote_file(path, evidence(report, date.today()), follow=False):
        return EXIT_UNWRITABLE
    click.echo(f"{path}: recorded", err=True)
    return 0


@click.command()
@evidence_files
@executing
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@output_option
def reproduce(options: Options, files: tuple[Path, ...], form: str, output: Path | None) -> None:
    """Verify what EVIDENCE holds once more, from its own text, and compare every number.

    Nothing is taken from the cache. Examples and seed are the record's.

    Exit code: 0 everything agrees; 1 something differs; 2 some EVIDENCE cannot be read, or was
    changed after it was written; 4 could not measure.
    """
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.reproduction import Reproduction, render_reproductions

    spare([output], files)
    from circuitlang.model.opened import Models
    from circuitlang.pipeline.reproduce import reproduce as again

    results: list[Reproduction | Blocked] = []
    models = Models()
    for file in files:
        with progress_bar(str(file)) as progress:
            found = again(file, options, progress, models)
        results.append(found)
        if isinstance(found, Blocked):
            show_findings(found.findings, "full", sys.stderr)
        elif form == "text" and output is None:
            click.echo(render_reproductions([found]), nl=False)
    if form != "text" or output is not None:
        deliver(render_reproductions(results, form), output)
    sys.exit(worst([found.exit_code for found in results]))


@click.command()
@evidence_files
@reporting
def report(files: tuple[Path, ...], delivery: Delivery) -> None:
    """Show EVIDENCE in any format, its claims judged again from its own numbers.

    Neither model nor torch is needed, and nothing is run: `reproduce` does that.

    Exit code: as of `verify`; 2 where some EVIDENCE cannot be read, or was changed after it was
    written.
    """
    from circuitlang.pipeline.evidence import read_evidence
    from circuitlang.report.blocked import Blocked

    spare(delivery.written, files)
    results: list[Report | Blocked] = []
    for file in files:
        evidence, findings = read_evidence(file)
        if evidence is None:
            results.append(Blocked(str(file), findings, EXIT_INVALID))
        else:
            results.append(evidence.report)
        delivery.show(results[-1])
    delivery.finish(results)
    sys.exit(worst([result.exit_code for result in results]))

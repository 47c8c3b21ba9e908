"""`circuitlang export`, `import` and `validate-submission`: the circuit as other tools have it."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from circuitlang.cli.console import compiled, deliver, show_findings, write_folder
from circuitlang.cli.options import EXIT_INVALID, output_option, spare, spec_file, writable

if TYPE_CHECKING:
    from circuitlang.exchange.eap_graph import Graph
    from circuitlang.exchange.format import Format
    from circuitlang.exchange.report import Report
    from circuitlang.syntax.diagnostic import Diagnostic

EXIT_NOT_VALID = 1
_MOST_BYTES = 256 << 20


class _Listing(click.Command):
    """A command whose help ends in the table of formats, read only when somebody asks for it."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from circuitlang.exchange.formats import FORMATS, READ, WRITTEN

        names = WRITTEN if self.name == "export" else READ
        with formatter.section("Formats (docs/exchange.md)"):
            formatter.write_dl([(name, FORMATS[name].title) for name in names])


def _known(ctx: click.Context, _: click.Parameter, name: str) -> str:
    """The name of a format that the command can use. Raises click.BadParameter for any other."""
    from circuitlang.exchange.formats import READ, WRITTEN

    names = WRITTEN if ctx.command.name == "export" else READ
    if name not in names:
        near = get_close_matches(name, names, n=1)
        guess = f"did you mean `{near[0]}`? " if near else ""
        raise click.BadParameter(f"`{name}` is none; {guess}There are {', '.join(names)}")
    return name


@click.command("export", cls=_Listing)
@spec_file
@click.option("--to", "target", metavar="FORMAT", callback=_known, required=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Write to this file, or for mib-submission into this folder, whole or not at all.",
)
@click.option("--task", help="mib-submission: MIB's name of the task  [default: the circuit's].")
@click.option(
    "--scores",
    type=click.Path(path_type=Path, dir_okay=False),
    help="eap-ig, mib, mib-submission: take attributions from this graph of EAP-IG.",
)
@click.option(
    "--claimed",
    is_flag=True,
    help="Drawings: leave out the edges that only `keep mlps` adds.",
)
def export_circuit(
    file: Path,
    target: str,
    output: Path | None,
    task: str | None,
    scores: Path | None,
    claimed: bool,
) -> None:
    """Write the circuit of FILE as another tool reads it.

    What the format has no place for is said on the error stream.
    """
    from circuitlang.exchange.format import Options
    from circuitlang.exchange.formats import FORMATS, export

    form = FORMATS[target]
    given = {"task": task, "scores": scores, "claimed": claimed or None}
    for name, value in given.items():
        if value is not None and name not in form.takes:
            raise click.UsageError(f"--{name} says nothing to {target}")
    if not form.folder:
        spare([output and writable(output)], [file, *([scores] if scores else [])])
    if form.folder and output is None:
        raise click.UsageError(f"{target} is a folder: name it with --output")
    _, circuit = compiled(file)
    attributions = None if scores is None else read_scores(scores)
    exported, problems = export(circuit, target, Options(attributions, task, claimed))
    _show(file, problems)
    if exported is None:
        sys.exit(EXIT_INVALID)
    _tell(f"{file} as {target}", exported.report, sys.stderr.isatty() or output is not None)
    if form.folder and output is not None:
        write_folder(output, exported.files)
    else:
        deliver(exported.text, output)


@click.command("import", cls=_Listing)
@spec_file
@click.option("--from", "origin", metavar="FORMAT", callback=_known, required=True)
@output_option
def import_circuit(file: Path, origin: str, output: Path | None) -> None:
    """Write the circuit in FILE, another tool's, as a `.circuit` text.

    What was dropped and what was assumed is said on the error stream. Task, policy and claims are
    left for you to write. No code in a file is run: of a pickle only plain data is read.
    """
    from circuitlang.exchange.formats import FORMATS, read

    spare([output], [file])
    content = _content(file, FORMATS[origin])
    imported, problems = read(content, origin)
    _show(file, problems)
    if imported is None:
        sys.exit(EXIT_INVALID)
    _tell(f"{file} from {origin}", imported.report, True)
    deliver(imported.text, output)


@click.command("validate-submission")
@click.argument("folder", type=click.Path(path_type=Path))
def validate_submission(folder: Path) -> None:
    """Say whether FOLDER may be submitted to MIB's leaderboard, and if not, what is wrong.

    FOLDER has one folder for each task and model, such as ioi_gpt2. Exits with 1 where MIB would
    refuse it or read it wrongly.
    """
    from circuitlang.exchange.mib_check import validate

    found = validate(folder)
    for findings in found:
        show_findings(findings, "full", sys.stdout)
    if any(findings.failed for findings in found):
        sys.exit(EXIT_NOT_VALID)
    click.echo(f"{folder}: fit to be submitted")


def _content(file: Path, form: Format) -> bytes:
    """The file's bytes, bounded; or the program ended with why they cannot be read."""
    from circuitlang.exchange.values import refusal
    from circuitlang.syntax.strict_json import RefusedError

    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) <= _MOST_BYTES:
            return content
        reason = f"it has more than {_MOST_BYTES:,} bytes"
    except OSError as error:
        reason = f"it cannot be read: {(error.strerror or type(error).__name__).lower()}"
    _show(file, (refusal(form.title, RefusedError(reason)),))
    sys.exit(EXIT_INVALID)


def read_scores(file: Path) -> Graph:
    """A graph with scores, JSON or .pt, or the program ended with what is wrong with it."""
    from circuitlang.exchange.eap_file import read_graph
    from circuitlang.exchange.formats import FORMATS

    graph, problems = read_graph(_content(file, FORMATS["eap-ig"]))
    _show(file, problems)
    if graph is None:
        sys.exit(EXIT_INVALID)
    return graph


def _show(file: Path, problems: tuple[Diagnostic, ...]) -> None:
    from circuitlang.syntax.diagnostic import Findings
    from circuitlang.syntax.source import Source

    show_findings(Findings(Source("", str(file)), problems), "full", sys.stderr)


def _tell(title: str, report: Report, wanted: bool) -> None:
    if wanted:
        click.echo(title, err=True)
        for line in report.lines():
            click.echo(f"  {line}", err=True)

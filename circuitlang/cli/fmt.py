"""`circuitlang fmt`."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from circuitlang.cli.console import show_findings, write_file
from circuitlang.cli.options import EXIT_INVALID, spec_files

EXIT_CHANGED = 1


@click.command()
@spec_files
@click.option("--check", "only_check", is_flag=True, help="Change nothing; name what would.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would change.")
def fmt(files: tuple[Path, ...], only_check: bool, diff: bool) -> None:
    """Format FILES in place: white space only, every token and comment kept.

    Exit code: 0 done, 1 with --check or --diff where a file would change, 2 a file does not parse.
    """
    from circuitlang.syntax.diagnostic import Findings
    from circuitlang.syntax.format import format_source
    from circuitlang.syntax.read import read
    from circuitlang.syntax.source import Source

    changed = invalid = False
    for file in files:
        source, problems = read(file)
        text = None
        if source is not None:
            text, problems = format_source(source)
        if source is None or text is None:
            found = Findings(source or Source("", str(file)), problems)
            show_findings(found, "full", sys.stderr)
            invalid = True
        elif text != source.text:
            changed = True
            if diff:
                click.echo(_diff(source.text, text, str(file)), nl=False)
            elif only_check:
                click.echo(f"{file}: not formatted")
            else:
                write_file(file, text)
                click.echo(f"{file}: formatted")
    if invalid:
        sys.exit(EXIT_INVALID)
    sys.exit(EXIT_CHANGED if changed and (only_check or diff) else 0)


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (fmt)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

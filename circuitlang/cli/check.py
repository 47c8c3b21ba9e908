"""`circuitlang check`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from circuitlang.cli.console import show_findings
from circuitlang.cli.options import EXIT_INVALID, spec_files


@click.command()
@spec_files
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json", "github", "sarif"]),
    default="full",
    show_default=True,
)
def check(files: tuple[Path, ...], form: str) -> None:
    """Check FILES without a model: syntax, names, positions, layer order, claims.

    Exit code: 0 no errors, 2 errors.
    """
    from circuitlang.pipeline.compile import compile_file
    from circuitlang.syntax.render import render

    findings = [compile_file(file).findings for file in files]
    if form == "json":
        listed = [item for found in findings for item in json.loads(render(found, "json"))]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    elif form == "sarif":
        from circuitlang.report.sarif import render_findings

        click.echo(render_findings(findings), nl=False)
    else:
        for found in findings:
            show_findings(found, form, sys.stdout)
    failed = any(found.failed for found in findings)
    if form == "full" and not failed:
        click.echo(f"{files[0] if len(files) == 1 else f'{len(files)} files'}: no errors")
    sys.exit(EXIT_INVALID if failed else 0)

"""`circuitlang gate`."""

from __future__ import annotations

import sys

import click

from circuitlang.cli.console import colored, deliver, refuse


@click.command()
@click.argument("base")
@click.argument("head", default="HEAD")
@click.option(
    "--exactly",
    is_flag=True,
    help="Compare with BASE itself, as a hook does; zeros mean that there is no commit.",
)
@click.option(
    "--files",
    "patterns",
    multiple=True,
    default=("*.circuit",),
    show_default=True,
    metavar="PATTERN",
    help="Which paths are specs, from the root; `*` matches `/` too. May be given several times.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text",
    show_default=True,
)  # fmt: skip
def gate(base: str, head: str, exactly: bool, patterns: tuple[str, ...], form: str) -> None:
    """Stop a change after which a spec says less than before, or is gone.

    Compares every spec in revision HEAD of git, by default what is checked out, with the same file
    where HEAD parted from BASE. A spec counts as changed if its text did, or a file that it names.

    Exit code: 0 nothing is weaker; 1 something is; 2 a spec is invalid, or git does not know a
    revision.
    """
    from circuitlang.pipeline.gate import gate as judge
    from circuitlang.pipeline.git import RevisionError
    from circuitlang.report.gate import render

    try:
        found = judge(base, head, exactly=exactly, patterns=patterns)
    except RevisionError as error:
        refuse(error)
    deliver(render(found, form, color=colored(sys.stdout)), None)
    sys.exit(found.exit_code)

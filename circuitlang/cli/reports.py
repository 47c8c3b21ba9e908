"""Where reports go: to the terminal, to files, to the summary of a workflow's step."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from circuitlang.cli.console import EXIT_UNWRITABLE, colored, show_findings, write_file
from circuitlang.cli.options import output_option, writable

if TYPE_CHECKING:
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.record import Report

SUMMARY = "GITHUB_STEP_SUMMARY"

# What a file of this ending is mostly meant to be.
_USUAL = {
    ".html": "html",
    ".json": "json",
    ".md": "markdown",
    ".sarif": "sarif",
    ".txt": "text",
    ".xml": "junit",
}


class Copy(NamedTuple):
    """One `--report`: a format, and the file that it is written to."""

    form: str
    path: Path


def _form(_: click.Context, __: click.Parameter, name: str) -> str:
    from circuitlang.report import FORMATS

    if name not in FORMATS:
        raise click.BadParameter(f"`{name}` is no format; there are {', '.join(FORMATS)}")
    return name


def _copies(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[Copy, ...]:
    return tuple(_copy(context, parameter, text) for text in texts)


def _copy(context: click.Context, parameter: click.Parameter, text: str) -> Copy:
    form, _, name = text.partition("=")
    if not name:
        usual = _USUAL.get(Path(text).suffix)
        example = f"{usual}={text}" if usual else "junit=report.xml"
        raise click.BadParameter(f"`{text}` has to read FORMAT=FILE, such as {example}")
    return Copy(_form(context, parameter, form), writable(Path(name)))


@dataclass(frozen=True)
class Delivery:
    """``form`` goes to ``output``, or to the terminal where that is None; ``copies`` go to their
    files beside it, and with ``summary`` Markdown to the step summary of a GitHub workflow."""

    form: str
    output: Path | None
    copies: tuple[Copy, ...]
    summary: bool

    @property
    def written(self) -> tuple[Path | None, ...]:
        """Every file that is written to."""
        return (self.output, *(copy.path for copy in self.copies))

    @property
    def forms(self) -> frozenset[str]:
        """Every format that is asked for."""
        return frozenset({self.form, *(copy.form for copy in self.copies)})

    def show(self, result: Report | Blocked, *, explain: bool = False) -> None:
        """What a person is to see as soon as it is there."""
        from circuitlang.report import render
        from circuitlang.report.blocked import Blocked, blocked_line
        from circuitlang.syntax.diagnostic import Findings

        if isinstance(result, Blocked):
            if result.outcome == "skipped":
                click.echo(blocked_line(result), err=True)
            elif self.form == "text":
                show_findings(result.findings, "full", sys.stderr)
            return
        if self.form == "text" and self.output is None:
            click.echo(render(result, "text", color=colored(sys.stdout), explain=explain))
        if result.warnings:
            show_findings(Findings(result.circuit.source, result.warnings), "full", sys.stderr)

    def finish(self, results: Sequence[Report | Blocked], *, explain: bool = False) -> None:
        """Writes every document; each file whole or not at all."""
        from circuitlang.report import render_all
        from circuitlang.report.look import Look

        def text(form: str) -> str:
            return render_all(results, form, Look(explain=explain))

        if self.output is not None:
            write_file(self.output, text(self.form))
        elif self.form != "text":
            click.echo(text(self.form), nl=False)
        for copy in self.copies:
            write_file(copy.path, text(copy.form))
        if self.summary:
            _append_summary(text("markdown"))


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where reports go, handed to the command as ``delivery``."""

    @wraps(command)
    def with_options(
        *,
        form: str,
        output: Path | None,
        copies: tuple[Copy, ...],
        summary: bool,
        **others: object,
    ) -> None:
        if summary and not os.environ.get(SUMMARY):
            raise click.UsageError(
                f"--summary writes to the file that {SUMMARY} names, which only a GitHub workflow "
                "sets; elsewhere use `--report markdown=FILE`"
            )
        if summary:
            writable(Path(os.environ[SUMMARY]))
        command(delivery=Delivery(form, output, copies, summary), **others)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


_OPTIONS = (
    click.option(
        "--format",
        "form",
        default="text",
        show_default=True,
        metavar="FORMAT",
        callback=_form,
        help="text, json, junit, sarif, github, markdown or html.",
    ),
    output_option,
    click.option(
        "--report",
        "copies",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=_copies,
        help="Write another report beside it, whole or not at all; may be given several times.",
    ),
    click.option(
        "--summary", is_flag=True, help="Add a table to the summary of a GitHub workflow's step."
    ),
)


def _append_summary(text: str) -> None:
    """The steps of a job share one file: what is there already stays."""
    path = Path(os.environ[SUMMARY])
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        click.echo(f"cannot write {path}: {error.strerror or error}", err=True)
        sys.exit(EXIT_UNWRITABLE)

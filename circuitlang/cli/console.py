"""What the command line shares: colour, progress, and files written whole."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render
from circuitlang.syntax.render.cells import visible

if TYPE_CHECKING:
    from circuitlang.circuit.circuit import Circuit
    from circuitlang.pipeline.git import RevisionError
    from circuitlang.syntax.tree import File

Progress = Callable[[str, int, int], None]

EXIT_UNWRITABLE = 4

_UNIT_NAMES = ("KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB")
_UNITS = {
    name.lower(): (1024 if "i" in name else 1000) ** ("KMGT".index(name[0]) + 1)
    for name in _UNIT_NAMES
}
_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]+)")
_LEAST_MEMORY, _MOST_MEMORY = 1 << 20, 1 << 50


def colored(stream: TextIO) -> bool:
    """A terminal that has not asked for plain text (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def show_findings(findings: Findings, form: str, stream: TextIO) -> None:
    text = render(findings, form, color=colored(stream))
    if text:
        click.echo(text.rstrip("\n"), file=stream)


def write_file(path: Path, text: str) -> None:
    """Writes the file whole or not at all; exits with a message where that cannot be done."""
    if not wrote_file(path, text):
        sys.exit(EXIT_UNWRITABLE)


def wrote_file(path: Path, text: str, *, follow: bool = True) -> bool:
    """Writes the file whole or not at all; False, after a message, where that cannot be done."""
    from circuitlang.report.write import write_whole

    try:
        write_whole(path, text, follow=follow)
    except OSError as error:
        click.echo(f"cannot write {path}: {error.strerror or error}", err=True)
        return False
    return True


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Writes new folders into ``folder``, each whole or not at all; ``files`` are by path in it.

    Exits with a message where a folder is there already, or cannot be written.
    """
    from uuid import uuid4

    names = {path.partition("/")[0] for path in files}
    for name in names:
        if (folder / name).exists():
            click.echo(f"cannot write {folder / name}: it is there already; move it away", err=True)
            sys.exit(EXIT_UNWRITABLE)
    parts = {name: folder / f".{name}.{uuid4().hex}.tmp" for name in names}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in parts.values():
            part.mkdir()
        for path, text in files.items():
            name, _, rest = path.partition("/")
            (parts[name] / rest).write_text(text, encoding="utf-8")
        for name, part in parts.items():
            part.rename(folder / name)
    except OSError as error:
        click.echo(f"cannot write {folder}: {error.strerror or error}", err=True)
        sys.exit(EXIT_UNWRITABLE)
    finally:
        for part in parts.values():
            shutil.rmtree(part, ignore_errors=True)


def parse_memory(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """An amount of memory, such as 4GiB, in bytes. Raises click.BadParameter for what is none."""
    if text is None:
        return None
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or (unit := match[2].lower()) not in _UNITS:
        raise click.BadParameter(
            f"`{text}` is no amount of memory: write a number and a unit, such as 4GiB or 800MB "
            f"(units: {', '.join(_UNIT_NAMES)})"
        )
    amount = int(float(match[1]) * _UNITS[unit])
    if not _LEAST_MEMORY <= amount <= _MOST_MEMORY:
        raise click.BadParameter(f"`{text}` is not between 1MiB and 1024TiB")
    return amount


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar on the terminal's error stream; silent where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda phase, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        # A path may look like markup.
        TextColumn("{task.fields[title]}", markup=False),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", title=title, total=None)

        def update(phase: str, done: int, total: int) -> None:
            bar.update(task, description=phase, completed=done, total=total if total > 1 else None)

        yield update


def compiled(file: Path) -> tuple[File, Circuit]:
    """The file compiled, or its findings shown and the program ended."""
    from circuitlang.pipeline.compile import compile_file

    compiled = compile_file(file)
    if compiled.file is None or compiled.circuit is None:
        show_findings(compiled.findings, "full", sys.stderr)
        sys.exit(2)
    return compiled.file, compiled.circuit


def refuse(error: RevisionError) -> NoReturn:
    """Says why git does not have what is needed, and ends the program."""
    click.echo(f"error: {visible(str(error))}", err=True)
    if error.fix is not None:
        click.echo(f"  = help: {visible(error.fix)}", err=True)
    sys.exit(2)


def deliver(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_file(output, text)

"""`circuitlang cache`."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

EXIT_NOT_CLEARED = 4


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--clear", "cleared", is_flag=True, help="Remove everything that is kept there.")
def cache(path: Path, cleared: bool) -> None:
    """Show where the measurements of the spec or folder PATH are kept, and how many there are.

    PATH is the current folder unless given.
    """
    from circuitlang.store.place import store_folder
    from circuitlang.store.store import Store, clear, stored_files

    folder = store_folder(path / "any" if path.is_dir() else path)
    if not folder.is_dir():
        click.echo(f"{folder}: nothing is kept")
        return
    if cleared:
        try:
            clear(folder)
        except OSError as error:
            click.echo(f"cannot clear {folder}: {error.strerror or error}", err=True)
            sys.exit(EXIT_NOT_CLEARED)
        click.echo(f"{folder}: cleared")
        return
    with closing(Store(folder)) as store:
        numbers = store.numbers()
        problems = store.problems()
    size = sum(file.stat().st_size for file in stored_files(folder))
    click.echo(f"{folder}: {numbers:,} numbers, {size / 2**20:.1f} MiB")
    for problem in problems:
        click.echo(f"warning: {problem.message}", err=True)

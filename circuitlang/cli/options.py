"""The options and arguments that commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from functools import wraps
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

import click

from circuitlang.cli.console import parse_memory

EXIT_INVALID = 2

spec_files = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES..."
)
spec_file = click.argument("file", type=click.Path(path_type=Path))
output_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all, instead of to the terminal.",
)

_RUNNING = (
    click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 or auto."),
    click.option(
        "--examples",
        type=click.IntRange(1, 100_000),
        help="Use this many, not the policy's number.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**32 - 1),
        help="Draw examples and resamples with this seed, not the policy's.",
    ),
    click.option(
        "--executor",
        type=click.Choice(["sparse", "reference"]),
        default="sparse",
        show_default=True,
        help="sparse computes only what differs; reference runs every variant whole.",
    ),
    click.option(
        "--memory",
        metavar="SIZE",
        callback=parse_memory,
        help="What a batch may take beside the model, such as 4GiB  [default: 512MiB].",
    ),
    click.option("--no-cache", is_flag=True, help="Measure everything anew, and keep nothing."),
)


def running(command: Callable[..., None]) -> Callable[..., None]:
    """How a model is run: the options of every command that runs one, handed to it as
    ``options``, an `Options` that names no claims yet."""

    @wraps(command)
    def with_options(
        *,
        device: str,
        examples: int | None,
        seed: int | None,
        executor: Literal["sparse", "reference"],
        memory: int | None,
        no_cache: bool,
        **others: object,
    ) -> None:
        from circuitlang.pipeline.dry_run import Options

        if memory is not None and executor == "reference":
            raise click.UsageError(
                "--memory is the sparse executor's; the reference has its own bound"
            )
        command(
            options=Options((), device, examples, executor, not no_cache, memory, seed=seed),
            **others,
        )

    for option in reversed(_RUNNING):
        with_options = option(with_options)
    return with_options


def verifier(command: str, module: str = "circuitlang.pipeline.verify") -> ModuleType:
    """The module that runs models, or another that needs what `circuitlang[run]` installs; or the
    program ended with what is missing."""
    from circuitlang.report.blocked import EXIT_NOT_MEASURED

    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        click.echo(
            f"{command} needs the package {missing.name}: `pip install 'circuitlang[run]'`",
            err=True,
        )
        sys.exit(EXIT_NOT_MEASURED)


def worst(codes: Collection[int]) -> int:
    """Of several files: invalid before unmeasured before failed before inconclusive."""
    return next((code for code in (2, 4, 1, 3) if code in codes), 0)

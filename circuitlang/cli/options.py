"""The options and arguments that commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from circuitlang.circuit.circuit import MOST_EXAMPLES, MOST_SEED
from circuitlang.cli.console import parse_memory

if TYPE_CHECKING:
    from circuitlang.pipeline.dry_run import Options

EXIT_INVALID = 2

spec_files = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES..."
)
spec_file = click.argument("file", type=click.Path(path_type=Path))


def writable(path: Path) -> Path:
    """A file that could be written, as far as its folder goes: found out now, and not after an hour
    of measuring. Raises click.BadParameter."""
    if path.is_dir() or not path.parent.is_dir():
        raise click.BadParameter(f"`{path}` cannot be written: it is no file in a folder")
    return path


def _writable(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    return None if path is None else writable(path)


output_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    callback=_writable,
    help="Write to this file, whole or not at all, instead of to the terminal.",
)


def spare(written: Iterable[Path | None], read: Iterable[Path]) -> None:
    """Raises click.UsageError where something is to be written over what is read, or twice."""
    sources = {Path(os.path.realpath(path)) for path in read}
    taken: set[Path] = set()
    for path in filter(None, written):
        whole = Path(os.path.realpath(path))
        if whole in sources:
            raise click.UsageError(f"`{path}` is read, and a report would be written over it")
        if whole in taken:
            raise click.UsageError(f"two reports cannot go to the same file, `{path}`")
        if not whole.exists() or whole.is_file():
            taken.add(whole)


def _finite(_: click.Context, __: click.Parameter, number: float | None) -> float | None:
    if number is not None and not math.isfinite(number):
        raise click.BadParameter(f"`{number}` is no number")
    return number


measure_option = click.option(
    "--measure",
    type=click.Choice(["ratio", "normalized", "gap", "kl"]),
    help="The form of faithfulness  [default: one that all files claim].",
)
tolerance_option = click.option(
    "--tolerance",
    type=click.FloatRange(0),
    callback=_finite,
    help="Differences up to this are EQUAL  [default: 0.05 of a share, else 0].",
)

_EXECUTING = (
    click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 or auto."),
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
)

_CHOOSING = (
    click.option(
        "--examples",
        type=click.IntRange(1, MOST_EXAMPLES),
        help="Use this many, not the policy's number.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, MOST_SEED),
        help="Draw examples and resamples with this seed, not the policy's.",
    ),
    click.option("--no-cache", is_flag=True, help="Measure everything anew, and keep nothing."),
)


def running(command: Callable[..., None]) -> Callable[..., None]:
    """What is measured of a spec, and how: the options of a command that runs a model, handed to
    it as ``options``, an `Options` that names no claims yet."""

    @wraps(command)
    def with_choice(
        *,
        options: Options,
        examples: int | None,
        seed: int | None,
        no_cache: bool,
        **others: object,
    ) -> None:
        chosen = replace(options, examples=examples, seed=seed, cache=not no_cache)
        command(options=chosen, **others)

    for option in reversed(_CHOOSING):
        with_choice = option(with_choice)
    return executing(with_choice)


def executing(command: Callable[..., None]) -> Callable[..., None]:
    """How a model is run, where what is measured is given: a part of `running`'s options."""

    @wraps(command)
    def with_options(
        *,
        device: str,
        executor: Literal["sparse", "reference"],
        memory: int | None,
        **others: object,
    ) -> None:
        from circuitlang.pipeline.dry_run import Options

        if memory is not None and executor == "reference":
            raise click.UsageError(
                "--memory is the sparse executor's; the reference has its own bound"
            )
        command(options=Options((), device, executor=executor, memory=memory), **others)

    for option in reversed(_EXECUTING):
        with_options = option(with_options)
    return with_options


def worst(codes: Collection[int]) -> int:
    """Of several files: invalid before unmeasured before failed before inconclusive."""
    return next((code for code in (2, 4, 1, 3) if code in codes), 0)

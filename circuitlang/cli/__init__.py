"""The command line: parses arguments, calls the pipeline, prints, and sets the exit code.

One file a command. Rooms are imported inside the commands that need them, so that `check` and `fmt`
stay fast.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from importlib.metadata import requires
from typing import Any, NoReturn

import click

from circuitlang.cli.cache import cache
from circuitlang.cli.check import check
from circuitlang.cli.compare import compare
from circuitlang.cli.diff import diff
from circuitlang.cli.evidence import report, reproduce
from circuitlang.cli.exchange import export_circuit, import_circuit, validate_submission
from circuitlang.cli.fmt import fmt
from circuitlang.cli.gate import gate
from circuitlang.cli.paths import paths
from circuitlang.cli.show import explain, models, show
from circuitlang.cli.verify import verify

EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130
EXIT_NOT_INSTALLED = EXIT_EXHAUSTED = 4
# As of a program that the signal SIGPIPE ends.
EXIT_UNREAD = 141

_PACKAGE = re.compile("[a-z0-9_]+")

# What is no mistake of ours: a disk that is full, a machine that gives no more.
_EXHAUSTED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EMFILE})

_COMMANDS = (
    check,
    fmt,
    diff,
    gate,
    compare,
    show,
    explain,
    verify,
    reproduce,
    report,
    paths,
    export_circuit,
    import_circuit,
    validate_submission,
    cache,
    models,
)


class UnreadError(Exception):
    """Whoever read the output has seen enough."""


class _Program(click.Group):
    """A group in which a pipe that is closed does not count as success, as click has it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise UnreadError from None


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="circuitlang")
def cli() -> None:
    """Circuit hypotheses as text: checked, compiled, and verified on a real model."""


for _command in _COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """The entry point: `cli`, with exit codes for an interruption, for a machine that gives no
    more, and for our own mistakes."""
    try:
        try:
            cli(standalone_mode=False)
        finally:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; no output was written, finished measurements are kept", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in _needed_to_run():
            _internal()
        click.echo(f"this needs the package {package}: `pip install 'circuitlang[run]'`", err=True)
        sys.exit(EXIT_NOT_INSTALLED)
    except (UnreadError, BrokenPipeError):
        _drop_output()
        sys.exit(EXIT_UNREAD)
    except OSError as error:
        if error.errno not in _EXHAUSTED:
            _internal()
        _drop_output()
        click.echo(f"cannot go on: {error.strerror}", err=True)
        sys.exit(EXIT_EXHAUSTED)
    except MemoryError:
        click.echo("cannot go on: no memory left; see `--memory`", err=True)
        sys.exit(EXIT_EXHAUSTED)
    except Exception:
        _internal()


def _needed_to_run() -> frozenset[str]:
    """The packages of the extra `run`, which the front end does without."""
    listed = requires("circuitlang") or []
    return frozenset(
        found[0] for one in listed if "extra ==" in one and (found := _PACKAGE.match(one))
    )


def _drop_output() -> None:
    """What is left of it must not be tried again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _internal() -> NoReturn:
    import traceback

    traceback.print_exc()
    click.echo(
        "internal error: this is a bug in circuitlang, not in your file; please report it with "
        "the lines above",
        err=True,
    )
    sys.exit(EXIT_INTERNAL)

"""The command line: parses arguments, calls the pipeline, prints, and sets the exit code.

One file a command. Rooms are imported inside the commands that need them, so that `check` and `fmt`
stay fast.
"""

from __future__ import annotations

import sys

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="circuitlang")
def cli() -> None:
    """Circuit hypotheses as text: checked, compiled, and verified on a real model."""


for _command in _COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """The entry point: `cli`, with exit codes for an interruption and for our own mistakes."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; no output was written, finished measurements are kept", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo(
            "internal error: this is a bug in circuitlang, not in your file; please report it with "
            "the lines above",
            err=True,
        )
        sys.exit(EXIT_INTERNAL)

"""The command line: parses arguments, calls the pipeline, prints, and sets the exit code.

Rooms are imported inside the commands that need them, so that `check` and `fmt` stay fast.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from circuitlang.console import colored, parse_memory, progress_bar, show_findings, write_file

if TYPE_CHECKING:
    from circuitlang.circuit.circuit import Circuit
    from circuitlang.dry_run import Options
    from circuitlang.syntax.tree import File

EXIT_CHANGED = 1
EXIT_INVALID = 2
EXIT_NOT_CLEARED = 4
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130

_paths = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES..."
)
_path = click.argument("file", type=click.Path(path_type=Path))
_output = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all, instead of to the terminal.",
)


_Command = TypeVar("_Command", bound=Callable[..., object])
_RUNNING = (
    click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 or auto."),
    click.option(
        "--examples",
        type=click.IntRange(1, 100_000),
        help="Use this many, not the policy's number.",
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


def _running(command: _Command) -> _Command:
    """How a model is run: the options of every command that runs one."""
    for option in reversed(_RUNNING):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="circuitlang")
def cli() -> None:
    """Circuit hypotheses as text: checked, compiled, and verified on a real model."""


@cli.command()
@_paths
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json", "github"]),
    default="full",
    show_default=True,
)
def check(files: tuple[Path, ...], form: str) -> None:
    """Check FILES without a model: syntax, names, positions, layer order, claims.

    Exit code: 0 no errors, 2 errors.
    """
    from circuitlang.compile import compile_file
    from circuitlang.syntax.render import render

    findings = [compile_file(file).findings for file in files]
    if form == "json":
        listed = [item for found in findings for item in json.loads(render(found, "json"))]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        for found in findings:
            show_findings(found, form, sys.stdout)
    failed = any(found.failed for found in findings)
    if form == "full" and not failed:
        click.echo(f"{files[0] if len(files) == 1 else f'{len(files)} files'}: no errors")
    sys.exit(EXIT_INVALID if failed else 0)


@cli.command()
@_paths
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


@cli.command()
@_path
@click.option("--explicit", "form", flag_value="explicit", help="The file, every default written.")
@click.option("--canonical", "form", flag_value="canonical", help="The form that the hash is of.")
@click.option("--edges", "form", flag_value="edges", help="Every kept edge, with its positions.")
def show(file: Path, form: str | None) -> None:
    """Show what FILE means: its roles, edges, task and claims."""
    from circuitlang.check.canonical import canonical, explicit
    from circuitlang.report.summary import summary
    from circuitlang.syntax.print import print_file

    tree, circuit = _compiled(file)
    match form:
        case "explicit":
            text = print_file(explicit(tree))
        case "canonical":
            text = canonical(tree)
        case "edges":
            text = "".join(f"{edge} at {at}\n" for edge, at in circuit.edges.items())
        case _:
            text = summary(circuit)
    click.echo(text, nl=False)


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """Explain a diagnostic CODE, with an example that fails and one that passes."""
    from circuitlang.pages import find_page, known_codes, nearest_code

    page = find_page(code)
    if page is None:
        near = nearest_code(code)
        hint = f"; did you mean `{near}`?" if near else ""
        click.echo(f"no diagnostic is called `{code}`{hint}", err=True)
        click.echo(f"known: {', '.join(known_codes())}", err=True)
        sys.exit(EXIT_INVALID)
    click.echo(page, nl=False)


@cli.command()
@_paths
@click.option("--claim", "claims", multiple=True, metavar="NAME", help="Verify this claim only.")
@_running
@click.option(
    "--explain", "explained", is_flag=True, help="Say for each claim why it was measured again."
)
@click.option("--dry-run", is_flag=True, help="Say what would run and what it costs; run nothing.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--skip-missing-models",
    is_flag=True,
    help="Where a spec's model is not at hand, say so and go on.",
)
@_output
def verify(
    files: tuple[Path, ...],
    claims: tuple[str, ...],
    device: str,
    examples: int | None,
    executor: Literal["sparse", "reference"],
    memory: int | None,
    no_cache: bool,
    explained: bool,
    dry_run: bool,
    form: str,
    skip_missing_models: bool,
    output: Path | None,
) -> None:
    """Measure the claims of FILES on their models and judge them.

    Exit code: 0 all claims pass or are waived; 1 a claim fails; 2 a spec or its data is invalid and
    nothing ran; 3 a claim is inconclusive or vacuous; 4 could not measure (model, memory,
    preflight).
    """
    from circuitlang.dry_run import Options
    from circuitlang.report import render_result
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.record import Report
    from circuitlang.syntax.diagnostic import Findings

    _refuse_contradictions(memory, executor, no_cache, explained)
    options = Options(claims, device, examples, executor, not no_cache, memory)
    if dry_run:
        sys.exit(max(_dry_run(file, options) for file in files))
    verify_file = _verifier("verify").verify_file
    # Only once `_verifier` has found torch, which this needs too.
    from circuitlang.model.opened import Models

    texts: list[str] = []
    codes: list[int] = []
    models = Models()
    for file in files:
        with progress_bar(str(file)) as progress:
            result = verify_file(file, options, progress, models)
        code = result.exit_code
        if isinstance(result, Blocked) and skip_missing_models and result.model_missing:
            click.echo(f"{file}: checked, not verified: its model is not at hand", err=True)
            code = 0
        elif form == "text" and isinstance(result, Blocked):
            show_findings(result.findings, "full", sys.stderr)
        elif form == "text" and output is None:
            click.echo(render_result(result, form, color=colored(sys.stdout), explain=explained))
        else:
            texts.append(render_result(result, form, explain=explained))
        if isinstance(result, Report) and result.warnings:
            show_findings(Findings(result.circuit.source, result.warnings), "full", sys.stderr)
        codes.append(code)
    if form == "json":
        texts = [_json_array(texts) if len(files) > 1 else "".join(texts)]
    if output is not None:
        write_file(output, "\n".join(texts))
    elif form == "json":
        click.echo(texts[0], nl=False)
    sys.exit(_worst(codes))


@cli.command()
@_path
@click.option("--to", required=True, metavar="NAME", help="A role, a head, an MLP or logits.")
@click.option(
    "--via",
    type=click.Choice(["q", "k", "v", "any"]),
    default="any",
    show_default=True,
    help="The port through which a head receives.",
)
@click.option(
    "--from",
    "senders",
    type=click.Choice(["heads", "mlps", "both"]),
    default="heads",
    show_default=True,
)
@click.option("--top", type=click.IntRange(0), default=20, show_default=True, help="0: all.")
@_running
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@_output
def paths(
    file: Path,
    to: str,
    via: str,
    senders: str,
    top: int,
    device: str,
    examples: int | None,
    executor: Literal["sparse", "reference"],
    memory: int | None,
    no_cache: bool,
    form: str,
    output: Path | None,
) -> None:
    """Rank every head by what its direct paths to one receiver of FILE do: path patching.

    Each sender alone is ablated on its paths through MLPs, all other heads frozen; what the
    receiver then reads is given to it in the model (Wang et al. 2022, app. B).

    Exit code: 0 measured; 2 FILE, its data or --to is invalid; 4 could not measure.
    """
    from circuitlang.dry_run import Options
    from circuitlang.paths import Question, ask
    from circuitlang.report import render_result
    from circuitlang.report.blocked import EXIT_NOT_MEASURED, Blocked
    from circuitlang.report.paths import render_paths
    from circuitlang.syntax.diagnostic import Findings

    _refuse_contradictions(memory, executor, no_cache, False)
    try:
        question = Question(to, via, senders)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from None
    asked = ask(file, question)
    if isinstance(asked, Blocked):
        show_findings(asked.findings, "full", sys.stderr)
        sys.exit(asked.exit_code)
    options = Options((), device, examples, executor, not no_cache, memory)
    with progress_bar(str(file)) as progress:
        result = _verifier("paths").verify_circuit(asked, file, options, progress)
    if isinstance(result, Blocked):
        if form == "json":
            _deliver(render_result(result, form), output)
        show_findings(result.findings, "full", sys.stderr)
        sys.exit(result.exit_code)
    if result.warnings:
        show_findings(Findings(asked.source, result.warnings), "full", sys.stderr)
    text = render_paths(result, top or None) if form == "text" else render_result(result, form)
    _deliver(text, output)
    sys.exit(0 if result.verdicts[0].estimate is not None else EXIT_NOT_MEASURED)


@cli.command("export")
@_path
@click.option("--to", "target", type=click.Choice(["eap-ig"]), required=True)
@_output
def export_circuit(file: Path, target: str, output: Path | None) -> None:
    """Write the circuit of FILE as another tool reads it.

    eap-ig is the graph JSON of EAP-IG and MIB: every node and edge of the model, each in or out.
    """
    from circuitlang.circuit.eap_ig import export_graph

    _, circuit = _compiled(file)
    if circuit.shape is None:
        click.echo(f"{file}: cannot export to {target}: the model's shape is not known", err=True)
        sys.exit(EXIT_INVALID)
    _deliver(export_graph(circuit), output)


@cli.command("import")
@_path
@click.option("--from", "origin", type=click.Choice(["eap-ig"]), required=True)
@_output
def import_circuit(file: Path, origin: str, output: Path | None) -> None:
    """Write the graph in FILE, another tool's, as a `.circuit` text.

    What the format does not carry (task, policy, claims, positions) is left for you to write.
    """
    from circuitlang.circuit.eap_graph import read_text
    from circuitlang.circuit.eap_ig import import_graph
    from circuitlang.syntax.diagnostic import Findings
    from circuitlang.syntax.print import print_file
    from circuitlang.syntax.source import Source

    text, problems = read_text(file)
    imported = None
    if text is not None:
        imported, problems = import_graph(text)
    source = imported.source if imported else Source("", str(file))
    show_findings(Findings(source, problems), "full", sys.stderr)
    if imported is None:
        sys.exit(EXIT_INVALID)
    _deliver(imported.source.text or print_file(imported.file), output)


@cli.command()
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


@cli.command()
def models() -> None:
    """List the models whose shape is known without their files."""
    from circuitlang.circuit.shapes import known_shapes

    for source, shape in known_shapes().items():
        click.echo(
            f"{source:48} {shape.family:10} {shape.n_layers:3} layers {shape.n_heads:3} heads "
            f"({shape.n_kv_heads} kv) width {shape.d_model}"
        )


def _refuse_contradictions(
    memory: int | None, executor: str, no_cache: bool, explained: bool
) -> None:
    if memory is not None and executor == "reference":
        raise click.UsageError("--memory is the sparse executor's; the reference has its own bound")
    if explained and no_cache:
        raise click.UsageError("--explain is about the cache, and --no-cache does without it")


def _verifier(command: str) -> ModuleType:
    """The module that runs models, or the program ended with what has to be installed."""
    from circuitlang.report.blocked import EXIT_NOT_MEASURED

    try:
        return import_module("circuitlang.verify")
    except ModuleNotFoundError as missing:
        click.echo(
            f"{command} needs the package {missing.name}: `pip install 'circuitlang[run]'`",
            err=True,
        )
        sys.exit(EXIT_NOT_MEASURED)


def _dry_run(file: Path, options: Options) -> int:
    """Prints the plan and its cost; the exit code that goes with it."""
    from circuitlang.dry_run import plan_file
    from circuitlang.plan.budget import MEMORY
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.cost import cost_table

    planned = plan_file(file, options)
    if isinstance(planned, Blocked):
        show_findings(planned.findings, "full", sys.stderr)
        return planned.exit_code
    click.echo(cost_table(*planned, options.memory or MEMORY), nl=False)
    return 0


def _compiled(file: Path) -> tuple[File, Circuit]:
    """The file compiled, or its findings shown and the program ended."""
    from circuitlang.compile import compile_file

    compiled = compile_file(file)
    if compiled.file is None or compiled.circuit is None:
        show_findings(compiled.findings, "full", sys.stderr)
        sys.exit(EXIT_INVALID)
    return compiled.file, compiled.circuit


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_file(output, text)


def _json_array(objects: list[str]) -> str:
    return "[\n" + ",\n".join(text.rstrip("\n") for text in objects) + "\n]\n"


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (fmt)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _worst(codes: list[int]) -> int:
    """Of several specs: invalid before unmeasured before failed before inconclusive."""
    return next((code for code in (2, 4, 1, 3) if code in codes), 0)


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


if __name__ == "__main__":
    main()

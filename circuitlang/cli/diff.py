"""`circuitlang diff`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from circuitlang.cli.console import colored, deliver, progress_bar, refuse, show_findings
from circuitlang.cli.options import (
    EXIT_INVALID,
    measure_option,
    output_option,
    running,
    spare,
    tolerance_option,
)

if TYPE_CHECKING:
    from circuitlang.check.diff import Spec
    from circuitlang.circuit.difference import Difference
    from circuitlang.pipeline.compile import Compiled
    from circuitlang.pipeline.definition import Form
    from circuitlang.pipeline.dry_run import Options
    from circuitlang.pipeline.entrant import Entrant
    from circuitlang.pipeline.revisions import Revision
    from circuitlang.report.diff.record import Behaviour

EXIT_DIFFERENT = 1


class Place(NamedTuple):
    """A file, in the work tree or in a revision."""

    path: Path
    revision: Revision | None = None


def _pairs(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for text in given:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            raise click.BadParameter(f"`{text}` is no pair of names: write old=new")
        pairs.append((old, new))
    return pairs


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="A B | REV FILE | REV REV FILE")
@click.option(
    "--map", "pairs", multiple=True, callback=_pairs, metavar="OLD=NEW",
    help="Role or claim OLD of A is NEW of B.",
)  # fmt: skip
@click.option(
    "--fail-on",
    type=click.Choice(["any", "weakens", "strengthens", "re-measures", "none"]),
    default="any",
    show_default=True,
    help="Which changes make the exit code 1.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Look up word lists and data of both beside PATH, as for git's temporary copies.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown", "html"]), default="text",
    show_default=True,
)  # fmt: skip
@click.option("--run", "behaviour", is_flag=True, help="Measure both on the same prompts.")
@measure_option
@tolerance_option
@running
@output_option
def diff(
    options: Options,
    places: tuple[str, ...],
    pairs: list[tuple[str, str]],
    fail_on: str,
    beside: Path | None,
    behaviour: bool,
    measure: Form | None,
    tolerance: float | None,
    form: str,
    output: Path | None,
) -> None:
    """Say what turns circuit A into circuit B, and what each change does to its verdicts.

    A and B are files, or REVISION:FILE of git. With one file behind a revision, the file of that
    revision is compared with the one at hand; behind two, both revisions are.

    With --run both are measured: how much more of the model's behaviour B keeps than A, whether
    that is more than chance, and which of the differing members carry it.

    Exit code: 0 the same, or nothing of the kind --fail-on; 1 different; 2 a file is invalid. With
    --run: 0 EQUAL, 1 DIFFER, 3 UNDECIDED, 2 not to be compared, 4 could not measure.
    """
    if not behaviour and (measure is not None or tolerance is not None):
        raise click.UsageError("--measure and --tolerance are about --run, which is not given")
    from circuitlang.check.diff import diff as compare
    from circuitlang.check.diff.mapping import MapError
    from circuitlang.report.diff import render

    with ExitStack() as stack:
        sides = _sides(places)
        spare([output], [place.path for place in sides if place.revision is None])
        read = [_read(place, beside, stack) for place in sides]
        try:
            difference = compare(read[0][0], read[1][0], pairs)
        except MapError as error:
            raise click.BadParameter(str(error), param_hint="--map") from None
        found = None
        if behaviour:
            entrants = [_entrant(*one) for one in zip(sides, read, strict=True)]
            found = _run(entrants, measure, tolerance, options)
    color = output is None and colored(sys.stdout)
    a, b = (compiled.circuit for _, compiled in read)
    circuits = None if a is None or b is None else (a, b)
    text = render(difference, form, behaviour=found, circuits=circuits, color=color)
    deliver(text, output)
    if found is None:
        sys.exit(EXIT_DIFFERENT if _fails(difference, fail_on) else 0)
    gated = fail_on not in ("any", "none") and _fails(difference, fail_on)
    sys.exit(EXIT_DIFFERENT if gated else found.exit_code)


def _run(
    entrants: Sequence[Entrant], measure: Form | None, tolerance: float | None, options: Options
) -> Behaviour:
    """Both circuits run, or the program ended with what is in the way."""
    from circuitlang.pipeline.versus import behave
    from circuitlang.report.blocked import Blocked

    a, b = entrants
    with progress_bar("diff") as progress:
        found = behave(a, b, measure, tolerance, options, progress)
    if isinstance(found, Blocked):
        show_findings(found.findings, "full", sys.stderr)
        sys.exit(found.exit_code)
    for warnings in found.provenance.warnings:
        show_findings(warnings, "full", sys.stderr)
    return found


def _entrant(place: Place, read: tuple[Spec, Compiled]) -> Entrant:
    """What is to be measured: a sound spec with everything beside it."""
    from circuitlang.pipeline.entrant import Entrant
    from circuitlang.syntax.diagnostic import Severity

    compiled = read[1]
    if compiled.circuit is None:
        # To a comparison of texts they are warnings; nothing can be run without what they miss.
        findings = compiled.findings
        errors = tuple(replace(one, severity=Severity.ERROR) for one in findings.diagnostics)
        show_findings(replace(findings, diagnostics=errors), "full", sys.stderr)
        sys.exit(EXIT_INVALID)
    return Entrant(place.path, compiled.circuit)


def _fails(difference: Difference, fail_on: str) -> bool:
    if fail_on == "any":
        return bool(difference)
    return any(fail_on in change.effects for change in difference.changes)


def _sides(places: tuple[str, ...]) -> tuple[Place, Place]:
    """The two files that the arguments mean."""
    match places:
        case [one, other]:
            if not (Path(one).exists() or ":" in one or one.endswith(".circuit")):
                return _known(one, Path(other), missing=one), Place(Path(other))
            return _place(one), _place(other)
        case [one, other, file]:
            return _known(one, Path(file)), _known(other, Path(file))
        case _:
            raise click.UsageError("give two files, a revision and a file, or two and a file")


def _place(text: str) -> Place:
    """A file, or REVISION:FILE where there is no file of that name; FILE is taken from the current
    folder, with or without git's `./`."""
    name, colon, file = text.partition(":")
    if Path(text).exists() or not colon:
        return Place(Path(text))
    return _known(name, Path(file), missing=text)


def _known(text: str, file: Path, missing: str | None = None) -> Place:
    """The file in a revision that there is, or the program ended with why not. ``missing`` is a
    file that may have been meant instead, and is not there."""
    from circuitlang.pipeline.git import RevisionError
    from circuitlang.pipeline.revisions import revision

    try:
        return Place(file, revision(text, file))
    except RevisionError as error:
        if missing is None:
            refuse(error)
        refuse(RevisionError(f"there is no file `{missing}`, and {error}", error.fix))


def _read(place: Place, beside: Path | None, stack: ExitStack) -> tuple[Spec, Compiled]:
    """The spec, or the program ended with its findings."""
    from circuitlang.pipeline.git import RevisionError
    from circuitlang.pipeline.revisions import checked_out
    from circuitlang.pipeline.structure import read_spec, spec_of
    from circuitlang.report.blocked import Blocked

    root = None if beside is None else beside if beside.is_dir() else beside.parent
    if place.revision is None:
        found = read_spec(place.path, root)
    else:
        try:
            source, folder = stack.enter_context(checked_out(place.revision))
        except RevisionError as error:
            refuse(error)
        found = spec_of(source, root or folder)
    if isinstance(found, Blocked):
        show_findings(found.findings, "full", sys.stderr)
        sys.exit(found.exit_code)
    show_findings(found[1].findings, "concise", sys.stderr)
    return found

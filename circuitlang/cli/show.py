"""`circuitlang show`, `explain` and `models`: what a file, a diagnostic, a model is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from circuitlang.cli.console import compiled, show_findings
from circuitlang.cli.options import EXIT_INVALID, spec_file


@click.command()
@spec_file
@click.option("--explicit", "form", flag_value="explicit", help="The file, every default written.")
@click.option("--canonical", "form", flag_value="canonical", help="The form that the hash is of.")
@click.option("--edges", "form", flag_value="edges", help="Every kept edge, with its positions.")
def show(file: Path, form: str | None) -> None:
    """Show what FILE means: its roles, edges, task and claims.

    The explicit and the canonical form need the text alone, not the word lists and data beside it.
    """
    from circuitlang.report.summary import summary

    if form in ("explicit", "canonical"):
        text = _rewritten(file, form)
    elif form == "edges":
        _, circuit = compiled(file)
        text = "".join(f"{edge} at {at}\n" for edge, at in circuit.edges.items())
    else:
        text = summary(compiled(file)[1])
    click.echo(text, nl=False)


def _rewritten(file: Path, form: str) -> str:
    from circuitlang.check.canonical import canonical, explicit
    from circuitlang.pipeline.structure import read_spec
    from circuitlang.report.blocked import Blocked
    from circuitlang.syntax.print import print_file

    found = read_spec(file)
    if isinstance(found, Blocked):
        show_findings(found.findings, "full", sys.stderr)
        sys.exit(found.exit_code)
    tree = found[0].file
    return canonical(tree) if form == "canonical" else print_file(explicit(tree))


@click.command()
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


@click.command()
def models() -> None:
    """List the models whose shape is known without their files."""
    from circuitlang.circuit.shapes import known_shapes

    for source, shape in known_shapes().items():
        click.echo(
            f"{source:48} {shape.family:10} {shape.n_layers:3} layers {shape.n_heads:3} heads "
            f"({shape.n_kv_heads} kv) width {shape.d_model}"
        )

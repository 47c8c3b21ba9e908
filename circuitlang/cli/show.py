"""`circuitlang show`, `explain` and `models`: what a file, a diagnostic, a model is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from circuitlang.cli.console import compiled
from circuitlang.cli.options import EXIT_INVALID, spec_file


@click.command()
@spec_file
@click.option("--explicit", "form", flag_value="explicit", help="The file, every default written.")
@click.option("--canonical", "form", flag_value="canonical", help="The form that the hash is of.")
@click.option("--edges", "form", flag_value="edges", help="Every kept edge, with its positions.")
def show(file: Path, form: str | None) -> None:
    """Show what FILE means: its roles, edges, task and claims."""
    from circuitlang.check.canonical import canonical, explicit
    from circuitlang.report.summary import summary
    from circuitlang.syntax.print import print_file

    tree, circuit = compiled(file)
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

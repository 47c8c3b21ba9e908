"""`circuitlang export` and `import`: the circuit as other tools write it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from circuitlang.cli.console import compiled, deliver, show_findings
from circuitlang.cli.options import EXIT_INVALID, output_option, spec_file


@click.command("export")
@spec_file
@click.option("--to", "target", type=click.Choice(["eap-ig"]), required=True)
@output_option
def export_circuit(file: Path, target: str, output: Path | None) -> None:
    """Write the circuit of FILE as another tool reads it.

    eap-ig is the graph JSON of EAP-IG and MIB: every node and edge of the model, each in or out.
    """
    from circuitlang.circuit.eap_ig import export_graph

    _, circuit = compiled(file)
    if circuit.shape is None:
        click.echo(f"{file}: cannot export to {target}: the model's shape is not known", err=True)
        sys.exit(EXIT_INVALID)
    deliver(export_graph(circuit), output)


@click.command("import")
@spec_file
@click.option("--from", "origin", type=click.Choice(["eap-ig"]), required=True)
@output_option
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
    deliver(imported.source.text or print_file(imported.file), output)

"""The table of formats. To add one: a file that ends in a `Format`, its test, and a line here."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange import (
    acdc,
    automechinterp,
    dot,
    eap_ig,
    edge_pruning,
    graphml,
    mechval,
    mermaid,
    mib_submission,
    neuronpedia,
    node_link,
)
from circuitlang.exchange.format import Exported, Format, Formats, Imported, Options, Read
from circuitlang.exchange.values import refusal
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.read import LIMIT
from circuitlang.syntax.source import NOWHERE
from circuitlang.syntax.strict_json import RefusedError

_TABLE: tuple[Format, ...] = (
    dot.FORMAT,
    mermaid.FORMAT,
    graphml.FORMAT,
    node_link.FORMAT,
    eap_ig.FORMAT,
    eap_ig.MIB,
    mib_submission.FORMAT,
    edge_pruning.FORMAT,
    acdc.FORMAT,
    neuronpedia.FORMAT,
    mechval.FORMAT,
    automechinterp.FORMAT,
)

FORMATS: Formats = MappingProxyType({one.name: one for one in _TABLE})
WRITTEN = tuple(one.name for one in _TABLE if one.write)
READ = tuple(one.name for one in _TABLE if one.read)


def export(
    circuit: Circuit, name: str, options: Options | None = None
) -> tuple[Exported | None, tuple[Diagnostic, ...]]:
    """The circuit in the format of that name, one of `WRITTEN`; or None and why it cannot be
    (``cannot-export``)."""
    write = FORMATS[name].write
    assert write is not None, name
    options = options or Options()
    if options.claimed:
        circuit = replace(circuit, edges=circuit.claimed_edges)
    try:
        return write(circuit, options), ()
    except RefusedError as error:
        return None, (refusal(FORMATS[name].title, error),)


def read(content: bytes, name: str) -> Read:
    """What a file holds, in the format of that name, one of `READ`; or None and what is wrong.

    What is given has a text that `circuitlang` reads again and that `fmt` leaves as it is. A
    circuit that would be larger than a `.circuit` file may be is refused (``import-too-large``);
    one without parts comes with a warning (``empty-import``).
    """
    take = FORMATS[name].read
    assert take is not None, name
    imported, problems = take(content)
    if imported is None or imported.source.text:
        return imported, problems
    if not _has_parts(imported):
        problems = (*problems, _empty(imported))
    size = len(imported.text.encode())
    if size > LIMIT:
        return None, (
            Diagnostic(
                "import-too-large",
                f"the circuit would have {size:,} bytes; a `.circuit` file has {LIMIT:,} at most",
                NOWHERE,
                help="prune the graph where it was made, to the edges that you claim",
            ),
        )
    return imported, problems


def _has_parts(imported: Imported) -> bool:
    circuit = imported.file.circuit
    parts = (tree.Role, tree.Edge)
    return circuit is not None and any(isinstance(one, parts) for one in circuit.statements)


def _empty(imported: Imported) -> Diagnostic:
    ranks = "cut it to a circuit where it was made, or rank by it: `circuitlang compare --ranked`"
    return Diagnostic(
        "empty-import",
        "nothing in the file is marked, or is a part that a circuit can have: the circuit is empty",
        NOWHERE,
        help=ranks if imported.scores is not None else None,
        severity=Severity.WARNING,
    )

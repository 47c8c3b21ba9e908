"""Random circuits of DistilGPT-2, and what an imported text says as edges."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import PORTS, Edge, Port, parse_node
from circuitlang.exchange.format import Imported
from circuitlang.syntax import tree
from tests.check.specs import checked, spec

MODEL = 'model "hf:distilbert/distilgpt2"'
NASTY = st.text(
    st.characters(codec="utf-8", exclude_characters="\r"), max_size=40
) | st.sampled_from(['a "b" \\c', "</data>&amp;]]>", "x\ny", "end; --> |q|", "#35;`x`", "\x00\x1b"])


@st.composite
def texts(draw: st.DrawFn, *, positions: bool = True, keep: bool = True) -> str:
    """A spec that `check` passes: roles in layers one after the other, each read and written."""
    count = draw(st.integers(1, 3))
    lines: list[str] = []
    if doc := draw(NASTY):
        lines.append(f"doc {quoted(doc)}")
    if keep and draw(st.booleans()):
        lines.append("keep mlps")
    names = [f"r{i}" for i in range(count)]
    for i, name in enumerate(names):
        heads = draw(
            st.sets(st.tuples(st.integers(2 * i, 2 * i + 1), st.integers(0, 11)), max_size=4)
        )
        mlps = draw(st.sets(st.integers(2 * i, 2 * i + 1), max_size=2))
        assume(heads or mlps)
        at = draw(st.sampled_from(["any", "REPEAT"])) if positions else "any"
        members = [f"head a{a}.h{h}{draw(_STATUS)}" for a, h in sorted(heads)]
        members += [f"mlp m{a}" for a in sorted(mlps)]
        attending = " attending any" if heads else ""
        lines.append(f"role {name} at {at}{attending} {{\n" + "\n".join(members) + "\n}")
        via = "" if mlps else draw(_VIA)
        lines.append(f"edge input -> {name}{via}")
        lines += [f"edge {name} -> {later}" for later in names[i + 1 :] if draw(st.booleans())]
        lines.append(f"edge {name} -> logits")
    return spec("\n".join(lines), model=MODEL)


_STATUS = st.sampled_from(["", "", " status disputed"])
_VIA = st.sampled_from(["", " via q", " via k, v", " via v"])


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@st.composite
def circuits(draw: st.DrawFn, *, positions: bool = True, keep: bool = True) -> Circuit:
    """``keep`` allows `keep mlps`, which adds hundreds of edges."""
    circuit, found = checked(draw(texts(positions=positions, keep=keep)))
    assume(circuit is not None)
    assert circuit is not None, found
    return circuit


def edges_of(imported: Imported) -> set[Edge]:
    """The edges between nodes that an imported tree's statements name."""
    assert imported.file.circuit is not None
    found: set[Edge] = set()
    for statement in imported.file.circuit.statements:
        if isinstance(statement, tree.Edge):
            source, target = parse_node(statement.source.text), parse_node(statement.target.text)
            assert source is not None
            assert target is not None
            named = {port.text for port in statement.ports}
            ports: tuple[Port | None, ...] = target.ports
            if named:
                ports = tuple(port for port in PORTS if port in named)
            found |= {Edge(source, target, port) for port in ports}
    return found


def roles_of(imported: Imported) -> dict[str, list[str]]:
    assert imported.file.circuit is not None
    return {
        statement.name.text: [member.node.text for member in statement.members]
        for statement in imported.file.circuit.statements
        if isinstance(statement, tree.Role)
    }

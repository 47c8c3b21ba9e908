"""What a report has to say of each node: its role, and every number that is about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node, parse_node
from circuitlang.report.claim import estimate
from circuitlang.report.number import show
from circuitlang.report.record import Report
from circuitlang.score.verdict import Verdict


def of_nodes(report: Report) -> Mapping[Node, tuple[str, ...]]:
    """Lines about each member: its roles, then the claims that are of it or of a role of its."""
    circuit = report.circuit
    found: dict[Node, list[str]] = {node: list(_roles(circuit, node)) for node in circuit.members}
    for verdict in report.verdicts:
        for node, line in _lines(circuit, verdict):
            if node in found:
                found[node].append(line)
    return {node: tuple(lines) for node, lines in found.items()}


def _roles(circuit: Circuit, node: Node) -> Iterator[str]:
    for role in circuit.roles.values():
        for member in role.members:
            if member.node == node:
                reads = f", attending {role.attending}" if node.kind == "head" else ""
                status = f", {member.status}" if member.status else ""
                yield f"{role.name} at {role.at}{reads}{status}"


def _lines(circuit: Circuit, verdict: Verdict) -> Iterator[tuple[Node, str]]:
    claim = verdict.claim
    own = set()
    # The parts of a test are in the unit of the metric, whatever its level is written in.
    percent = claim.percent and verdict.test is None
    for part in verdict.parts:
        node = parse_node(part.name)
        if node is not None:
            own.add(node)
            kind = f", {part.category}" if part.category else ""
            yield node, f"{claim.name}: {show(part.estimate, percent=percent)}{kind}"
    if verdict.estimate is None:
        return
    told = f"{claim.name}: {claim.measure} = {estimate(verdict)}"
    for value in dict.fromkeys(claim.measure.arguments.values()):
        if isinstance(value, Node):
            yield value, told
        elif isinstance(value, str) and value in circuit.roles:
            for node in dict.fromkeys(circuit.roles[value].nodes):
                if node not in own:
                    yield node, f"{told}, of the role"

"""Tree to circuit: every rule family in turn, and the circuit if none found an error."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import MappingProxyType

from circuitlang.check.canonical import digest
from circuitlang.check.checked import Checked
from circuitlang.check.claims import check_claims
from circuitlang.check.edges import check_edges
from circuitlang.check.misuse import check_misuse
from circuitlang.check.model import check_model
from circuitlang.check.policy import check_policy
from circuitlang.check.reach import check_reach
from circuitlang.check.roles import check_roles
from circuitlang.check.scope import Scope
from circuitlang.check.sources import Sources
from circuitlang.check.statements import sort_statements
from circuitlang.check.task import TaskCheck, check_task
from circuitlang.check.waivers import check_waivers
from circuitlang.circuit.circuit import Circuit, GeneratedData, TaskSpec
from circuitlang.circuit.expand import claimed_edges, keep
from circuitlang.circuit.shape import ModelShape
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import Source


def resolve(file: tree.File, source: Source, root: Path, today: date) -> Checked[Circuit | None]:
    """The circuit that the tree means. It may be half of one where errors were found: the caller
    looks at the findings first."""
    if file.circuit is None:
        return None
    statements = yield from sort_statements(file.circuit)
    model, shape = None, None
    if statements.model is not None:
        model, shape = yield from check_model(statements.model, root)
    task = TaskCheck(None, Scope(complete=False), Sources(None))
    if statements.task is not None:
        task = yield from check_task(statements.task, root, source)
    policy = None
    if statements.policy is not None:
        policy = yield from check_policy(statements.policy, task.scope, task.sources)
    scope = Scope(
        positions=task.scope.positions,
        lacking=task.scope.lacking,
        roles={role.name.text: role for role in reversed(statements.roles)},
        shape=shape,
        complete=task.scope.complete,
    )
    roles = yield from check_roles(statements.roles, statements.keep, scope)
    connections = yield from check_edges(statements.edges, statements.keep, roles)
    written = claimed_edges(roles, connections)
    drawn = bool(statements.edges) or (policy is not None and policy.granularity == "edges")
    if drawn and len(connections) == len(statements.edges):
        yield from check_reach(roles, written)
    metric = task.spec.metric if task.spec is not None else None
    claims = yield from check_claims(statements.claims, scope, metric)
    names = dict.fromkeys(claim.name.text for claim in statements.claims)
    waivers = yield from check_waivers(statements.waivers, names, today)
    if task.spec is not None and shape is not None:
        yield from _check_length(task.spec, shape)
    if model is None or task.spec is None or policy is None:
        return None
    edges, claimed = keep(written, roles, policy, shape, statements.keep is not None)
    circuit = Circuit(
        name=file.circuit.name.text,
        model=model,
        task=task.spec,
        policy=policy,
        roles=MappingProxyType(dict(roles)),
        edges=edges,
        claimed_edges=claimed,
        claims=claims,
        waivers=waivers,
        connections=connections,
        keep_mlps=statements.keep is not None,
        shape=shape,
        doc=statements.doc.text.value if statements.doc else None,
        cites=tuple(cite.text.value for cite in statements.cites),
        digest=digest(file),
        source=source,
    )
    yield from check_misuse(circuit, statements.claims)
    return circuit


def _check_length(task: TaskSpec, shape: ModelShape) -> Checked[None]:
    if not isinstance(task.data, GeneratedData):
        return
    tokens = task.data.arguments["length"] * task.data.arguments["copies"] + task.bos
    if tokens > shape.context:
        yield Diagnostic(
            "prompt-too-long",
            f"an example has {tokens:,} tokens, the model's context {shape.context:,}",
            task.data.span,
        )

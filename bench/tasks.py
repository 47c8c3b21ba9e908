"""What is computed, as plain JSON that both sides read: prompts, variants, edges.

A variant is ``{"default": "live" | "ablated", "but": {node: names of positions}}``: every node
carries the default, and the opposite where ``but`` says so, at all positions where it holds null.
The input is always live.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node, head
from circuitlang.circuit.positions import Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.task.dataset import Example

Json = dict[str, Any]
Members = Mapping[Node, Positions]

SCORED = 256  # one edge in so many of the model's is removed by our side in the scoring row
DRAWS = 20  # random sets K, and random circuits, of a whole verification


def prompt_json(example: Example) -> Json:
    (target,) = example.targets
    return {
        "clean": example.clean,
        "corrupt": example.corrupt["abc"],
        "template": example.template,
        "positions": {name: list(at) for name, at in example.positions.items()},
        "answer": target.answer[0],
        "against": target.against[0],
    }


def task_json(circuit: Circuit, shape: ModelShape, examples: Sequence[Example]) -> Json:
    """Everything that the rows of one model and one number of prompts compute."""
    members = circuit.members
    kept = kept_mlps(shape)
    edges = sorted(map(str, circuit.edges))
    return {
        "prompts": [prompt_json(example) for example in examples],
        "works": {
            "leave-one-out": leave_one_out(names_of(members), kept),
            "leave-one-out, MLPs ablated": leave_one_out(names_of(members), {}),
            "leave-one-out, all positions": leave_one_out(
                {str(node): None for node in members}, kept
            ),
            "verification": verification(circuit, shape),
        },
        "edges": edges,
        "scored": list(map(str, shape.edges()))[::SCORED],
        "senders": [[node.layer, node.head] for node in shape.heads],
        "receivers": [str(node) for node in circuit.roles["name_mover"].nodes],
    }


def kept_mlps(shape: ModelShape) -> Json:
    return {str(node): None for node in shape.mlps}


def names_of(members: Members) -> Json:
    return {str(node): sorted(at.names) for node, at in members.items()}


def circuit_of(members: Json, mlps: Json) -> Json:
    """The members and those MLPs are live, all else ablated."""
    return {"default": "ablated", "but": mlps | members}


def knocked_out(members: Json) -> Json:
    """The members are ablated, all else live."""
    return {"default": "live", "but": members}


def leave_one_out(members: Json, mlps: Json) -> list[Json]:
    """C and C without each of its members."""
    return [circuit_of(without(members, left), mlps) for left in ([], *([m] for m in members))]


def without(members: Json, left: Iterable[str]) -> Json:
    gone = set(left)
    return {name: at for name, at in members.items() if name not in gone}


def verification(circuit: Circuit, shape: ModelShape, seed: int = 0) -> list[Json]:
    """M, C and ∅; C∖K and M∖K for every role K and for random K; C without each member; random
    circuits with as many heads a layer, at the same positions."""
    members, mlps = names_of(circuit.members), kept_mlps(shape)
    draw = random.Random(seed)
    sets = [[str(node) for node in role.nodes] for role in circuit.roles.values()]
    sets += [[name for name in members if draw.random() < 0.5] for _ in range(DRAWS)]
    made = [knocked_out({}), *leave_one_out(members, mlps), circuit_of({}, mlps)]
    for removed in sets:
        made.append(circuit_of(without(members, removed), mlps))
        made.append(knocked_out({name: members[name] for name in removed}))
    for _ in range(DRAWS):
        made.append(circuit_of(names_of(like(circuit.members, shape, draw)), mlps))
    return made


def like(members: Members, shape: ModelShape, draw: random.Random) -> Members:
    """A random circuit with as many heads a layer as ``members``, at the same positions."""
    by_layer: dict[int, list[Positions]] = {}
    for node, at in members.items():
        by_layer.setdefault(node.layer, []).append(at)
    return {
        head(layer, index): at
        for layer, places in by_layer.items()
        for index, at in zip(draw.sample(range(shape.n_heads), len(places)), places, strict=True)
    }

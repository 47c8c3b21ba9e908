"""The names that a circuit declares, and the findings for those it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from circuitlang.check.checked import Checked
from circuitlang.check.suggest import suggest
from circuitlang.circuit.names import Node, parse_node
from circuitlang.circuit.shape import ModelShape
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Span

_NOTHING: Mapping[str, tree.Prompt] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """``lacking`` maps a slot or position to a prompt in which it does not occur. The names of a
    task are not ``complete`` where its examples are not known; then none counts as unknown."""

    slots: frozenset[str] = frozenset()
    corruptions: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()
    lacking: Mapping[str, tree.Prompt] = field(default_factory=lambda: _NOTHING)
    roles: Mapping[str, tree.Role] = field(default_factory=lambda: MappingProxyType({}))
    shape: ModelShape | None = None
    complete: bool = True

    def slot(self, name: tree.Name) -> Checked[str | None]:
        if self.complete and name.text not in self.slots:
            yield Diagnostic(
                "unknown-slot",
                f"no prompt has a slot named `{name}`",
                name.span,
                help=suggest(name.text, sorted(self.slots), "slots"),
            )
            return None
        return (yield from self._in_every_prompt(name))

    def position(self, name: tree.Name) -> Checked[str | None]:
        if self.complete and name.text not in self.positions:
            yield Diagnostic(
                "unknown-position",
                f"the task names no position `{name}`",
                name.span,
                help=suggest(name.text, sorted(self.positions), "positions"),
            )
            return None
        return (yield from self._in_every_prompt(name))

    def _in_every_prompt(self, name: tree.Name) -> Checked[str | None]:
        if name.text not in self.lacking:
            return name.text
        prompt = self.lacking[name.text]
        yield Diagnostic(
            "position-not-in-prompt",
            f"`{name}` is used here, but does not occur in the prompt `{prompt.name}`",
            name.span,
            secondary=(Label(prompt.template.span, f"no `{name}` in this prompt"),),
        )
        return None

    def corruption(self, name: tree.Name) -> Checked[str | None]:
        if name.text in self.corruptions or not self.complete:
            return name.text
        yield Diagnostic(
            "unknown-corruption",
            f"the task has no corruption `{name}`",
            name.span,
            help=suggest(name.text, sorted(self.corruptions), "corruptions")
            or "declare one in the task: `corrupt abc resample ...`",
        )
        return None

    def role(self, name: tree.Name, *, heads_only: bool = False) -> Checked[str | None]:
        role = self.roles.get(name.text)
        if role is not None:
            mlp = next((m for m in role.members if m.kind.text == "mlp"), None)
            if heads_only and mlp is not None:
                yield Diagnostic(
                    "not-a-head",
                    f"attention heads were needed, but `{name}` holds the MLP `{mlp.node}`",
                    name.span,
                    secondary=(Label(mlp.node.span, "an MLP attends to nothing"),),
                )
                return None
            return name.text
        yield Diagnostic(
            "unknown-role",
            f"there is no role `{name}`",
            name.span,
            help=suggest(name.text, self.roles, "roles"),
        )
        return None

    def node(self, name: tree.Name) -> Checked[Node | None]:
        """Any component of the model."""
        node = parse_node(name.text)
        if node is None or node.kind not in ("head", "mlp"):
            yield Diagnostic("wrong-value", f"a head or an MLP was needed, not `{name}`", name.span)
            return None
        return (yield from in_range(node, name.span, self.shape))


def in_range(node: Node, span: Span, shape: ModelShape | None) -> Checked[Node | None]:
    """The node, if the model has it or its shape is not known."""
    if shape is None or shape.has(node):
        return node
    layers, heads = shape.n_layers, shape.n_heads
    if node.layer >= layers:
        found, most = f"layer {node.layer}", f"its {layers} layers are 0 to {layers - 1}"
    elif node.kind == "head":
        found, most = f"head {node.head}", f"the {heads} heads of a layer are 0 to {heads - 1}"
    else:
        found, most = "MLP", "it has none"
    yield Diagnostic("out-of-range", f"`{node}`: the model has no {found}, {most}", span)
    return None

"""``hypothesis.jsonl`` of AutoMechInterp: one hypothesis a line, each a bag of components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from circuitlang.circuit.names import Node, head, mlp
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, Names, cut, draft
from circuitlang.exchange.format import Format, Imported
from circuitlang.exchange.report import Dropped, Report, dropped, unread
from circuitlang.exchange.values import MOST_BYTES, Value, reader
from circuitlang.syntax.strict_json import RefusedError, decode, parse_json, shown

_MOST_INDEX = 99_999
_PREDICTIONS = (
    *("predicted_effect_direction", "predicted_min_effect", "predicted_specificity_ratio"),
)
_READ = ("hypothesis_id", "candidate_components", "claim_text", "task_id", *_PREDICTIONS)
_COMPONENT = ("component_type", "layer", "head")
# AutoMechInterp's own word for it: the name is kept for the sake of older bundles.
_EDGE = "it ablates the source head and is no edge of a graph"


@reader("a hypothesis.jsonl of AutoMechInterp")
def read(content: bytes) -> Imported:
    """Each hypothesis is a role. There are no edges: a component of type ``edge`` is none."""
    roles: dict[str, tuple[Node, ...]] = {}
    placed: set[Node] = set()
    other: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    names, renamed = Names(), []
    shared = predictions = 0
    texts: dict[str, None] = {}
    tasks: dict[str, None] = {}
    for line in _lines(decode(content, MOST_BYTES)):
        label = line["hypothesis_id"].text()
        found: set[Node] = set()
        for component in line["candidate_components"].each():
            node = _node(component)
            if node is None:
                other[component["component_type"].text()] += 1
            else:
                found.add(node)
                beside.update(component.others(_COMPONENT))
        shared += len(found & placed)
        predictions += sum(line.get(key) is not None for key in _PREDICTIONS)
        beside.update(line.others(_READ))
        if fresh := found - placed:
            name = names.new(label)
            roles[name] = tuple(sorted(fresh))
            placed |= fresh
            if name != label:
                renamed.append(f"the hypothesis `{shown(label)}` is written `{name}`")
        for key, seen in (("claim_text", texts), ("task_id", tasks)):
            if (text := line.get(key)) is not None:
                seen[text.text()] = None
    doc = " ".join(texts)
    report = Report(
        {"roles": len(roles), "members": len(placed)},
        dropped(
            *(
                Dropped(n, f"components of type `{shown(kind)}`", _why(kind))
                for kind, n in other.items()
            ),
            Dropped(shared, "second roles of a member", "at one position it plays one role"),
            Dropped(predictions, "predicted effects", "they name no unit that a claim could use"),
            Dropped(max(0, len(tasks) - 1), "further tasks", "the first names the circuit"),
            cut(doc),
            unread(beside.elements()),
        ),
        (ANYWHERE, LEFT_OUT, "the format has no edges: `granularity = nodes`", *renamed),
    )
    return Imported(draft(next(iter(tasks), "imported"), roles, (), doc), report)


def _why(kind: str) -> str:
    return _EDGE if kind == "edge" else "edition 1 has none such as a member"


def _lines(text: str) -> Iterator[Value]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                data = parse_json(line)
            except RefusedError as error:
                raise RefusedError(f"line {number}: {error.reason}", error.fix) from error
            yield Value(data, f"line {number}: $")


def _node(component: Value) -> Node | None:
    """The component as a node; None for a type that edition 1 does not have."""
    match component["component_type"].text():
        case "head" | "attention_head":
            layer, index = component["layer"], component["head"]
            return head(layer.whole(_MOST_INDEX), index.whole(_MOST_INDEX))
        case "mlp":
            return mlp(component["layer"].whole(_MOST_INDEX))
        case _:
            return None


FORMAT = Format(
    name="automechinterp",
    title="hypothesis.jsonl of AutoMechInterp",
    layout="mariamihabmo/AutoMechInterp-Bench @8534f39, `hypothesis.jsonl`",
    carries="hypotheses as roles, their heads and MLPs; claim texts as prose",
    loses="predicted effects, protocol, other types of components; its `edge` is none",
    read=read,
)

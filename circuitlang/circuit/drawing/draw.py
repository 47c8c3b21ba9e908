"""A circuit, or two over each other, drawn as SVG."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.drawing.layout import Layout, Line, Seat, layout, lines
from circuitlang.circuit.drawing.markup import Markup, element
from circuitlang.circuit.names import INPUT, Edge, Node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.syntax.counted import counted

# Of what a drawing may hold; more is a blot, and a page that no browser scrolls.
MOST_EDGES, MOST_NODES = 3000, 1500
COLOURS = 10
# From so many edges on each is faint until it is pointed at.
_DENSE = 250
# What is wider, in pixels, takes the whole width of a page; what is wider than the second keeps its
# size and scrolls: scaled down it could not be read.
_WIDE, _HUGE = 1150, 1500
# What a page may lay over the upper left corner, in pixels of a drawing that is scaled down.
_CORNER = 530.0, 270.0
# What two circuits are called where both are drawn.
LETTERS = ("A", "B")

Side = Literal["both", "a", "b"]
_MARKS: Mapping[Side, str] = {"both": "", "a": "−", "b": "+"}


class Shown(NamedTuple):
    """A role as the legend lists it, ``told`` where it is and how many nodes it has; ``colour`` is
    the number of its colour."""

    name: str
    told: str
    colour: int


@dataclass(frozen=True)
class Drawing:
    """``svg`` has links to ``#{name}-{node}`` for every node, which the page is to give an element.
    ``rules`` is the style that lets a node that is pointed at stand out with its edges; it needs
    the drawing to be inside an element of id ``name``."""

    name: str
    svg: Markup
    rules: str
    roles: tuple[Shown, ...]
    nodes: tuple[Node, ...]
    edges: int
    left_out: int


def draw(
    circuit: Circuit,
    other: Circuit | None = None,
    *,
    name: str = "circuit",
    told: Collection[Node] = (),
) -> Drawing:
    """The claimed edges and the members of a circuit, by position and layer, layers going up.

    With ``other`` both are drawn over each other: what only the first has is marked with a minus,
    what only the second has with a plus, and only what they share is as it would be alone. ``name``
    begins every id, so that drawings can share a page. Nodes that are ``told`` of are links to the
    element of id ``{name}-{node}``. Edges beyond `MOST_EDGES` are left out, and nodes beyond
    `MOST_NODES`.
    """
    circuits = (circuit,) if other is None else (circuit, other)
    plan = layout(circuits)
    roles = _roles(circuits)
    colours = {node: role.colour for role, nodes in reversed(roles) for node in nodes}
    seats = plan.seats[:MOST_NODES]
    numbers = {node: i for i, node in enumerate(dict.fromkeys(seat.node for seat in seats))}
    pen = _Pen(circuits, plan, name, numbers, colours, roles, frozenset(told))
    edges = pen.edges()
    shown = edges[:MOST_EDGES]
    title, text = _described(circuits, plan, len(edges))
    svg = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", text, id=f"{name}-desc"),
        pen.grid(),
        element("g", (pen.edge(*each) for each in shown), class_="edges"),
        pen.ends(),
        element("g", (pen.node(seat) for seat in seats), class_="nodes"),
        viewBox=f"0 0 {plan.width:g} {plan.height:g}",
        width=plan.width,
        height=plan.height,
        class_=_look(plan, len(shown), overlay=other is not None),
        role="group",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
    )
    return Drawing(
        name,
        svg,
        pen.rules(),
        tuple(role for role, _ in roles),
        tuple(numbers),
        len(shown),
        len(edges) - len(shown) + len(plan.seats) - len(seats),
    )


def _look(plan: Layout, edges: int, *, overlay: bool) -> str:
    """The classes that its style goes by."""
    looks = {
        "small": plan.small,
        "dense": edges > _DENSE,
        "wide": plan.width > _WIDE,
        "huge": plan.width > _HUGE,
        "cornered": not plan.free(*_CORNER),
        "overlay": overlay,
    }
    return " ".join(["drawing", *(name for name, so in looks.items() if so)])


def _described(circuits: Sequence[Circuit], plan: Layout, edges: int) -> tuple[str, str]:
    nodes = len({seat.node for seat in plan.seats})
    title = circuits[0].name
    if len(circuits) > 1:
        pairs = zip(circuits, LETTERS, strict=True)
        title = " and ".join(f"{circuit.name} ({letter})" for circuit, letter in pairs)
    return (
        f"{title}: {nodes} nodes and {edges} edges by position and layer",
        f"Columns are the positions {', '.join(plan.columns)}; layers go up from the input "
        "to the logits.",
    )


class _Pen:
    """What all strokes of one drawing share."""

    def __init__(
        self,
        circuits: Sequence[Circuit],
        plan: Layout,
        name: str,
        numbers: Mapping[Node, int],
        colours: Mapping[Node, int],
        roles: Sequence[tuple[Shown, Collection[Node]]],
        told: Collection[Node],
    ) -> None:
        self._circuits, self._plan, self._name = circuits, plan, name
        self._numbers, self._colours, self._told = numbers, colours, told
        self._of = {n: [role.name for role, nodes in roles if n in nodes] for n in numbers}

    def edges(self) -> list[tuple[Edge, Positions]]:
        """Every edge once, with all positions at which a circuit keeps it."""
        found: dict[Edge, Positions] = {}
        for circuit in self._circuits:
            for edge, at in circuit.claimed_edges.items():
                found[edge] = found[edge] | at if edge in found else at
        return sorted(found.items())

    def grid(self) -> Markup:
        plan = self._plan
        return element(
            "g", self._columns(plan), self._rows(plan), class_="grid", aria_hidden="true"
        )

    def _columns(self, plan: Layout) -> Iterator[Markup]:
        for i, (name, (left, right)) in enumerate(plan.columns.items()):
            text = name if len(name) <= 24 else f"{name[:23]}…"
            text = "any position" if name == str(EVERYWHERE) else text
            yield element(
                "rect",
                x=left,
                y=0,
                width=right - left,
                height=plan.height,
                class_="band odd" if i % 2 else "band",
            )
            yield element("text", text, x=(left + right) / 2, y=16, class_="column")

    def _rows(self, plan: Layout) -> Iterator[Markup]:
        for (layer, kind), y in plan.rows.items():
            line = y + plan.sizes.height / 2 + plan.sizes.row_gap / 2
            yield element("line", x1=0, x2=plan.width, y1=line, y2=line, class_="rule")
            what = f"{layer} MLP" if kind == "mlp" else str(layer)
            yield element("text", what, x=46, y=y + 4, class_="row")
        first = next(iter(plan.rows.values()), plan.input_y)
        yield element("text", "layer", x=46, y=first - plan.sizes.height / 2 - 6, class_="row")

    def ends(self) -> Markup:
        """The input, under every position, and the logits, where the metric reads them."""
        plan, top = self._plan, self._plan.logits
        left = min((left for left, _ in plan.columns.values()), default=0.0)
        right = max((right for _, right in plan.columns.values()), default=plan.width)
        base, middle = plan.input_y, (left + right) / 2
        return element(
            "g",
            _box(left + 6, base - 12, right - left - 12, 24),
            element("text", "input: the tokens' embeddings", x=middle, y=base + 4),
            _box(top.x - 40, top.y - 13, 80, 31),
            element("text", "logits", x=top.x, y=top.y + 7),
            class_="ends",
            aria_hidden="true",
        )

    def edge(self, edge: Edge, at: Positions) -> Markup:
        ends = [f"{self._name}-n{self._numbers[n]}" for n in edge[:2] if n in self._numbers]
        side = _side(edge, [circuit.claimed_edges for circuit in self._circuits])
        colour = "input" if edge.source == INPUT else f"r{self._colours.get(edge.source, 0)}"
        kind = edge.port or "whole"
        strokes = [
            part for line in lines(edge, at, self._plan) for part in self._stroke(edge, line)
        ]
        where = "" if at.everywhere else f" at {at}"
        only = "" if side == "both" else f", only in {LETTERS[side == 'b']}"
        return element(
            "g",
            element("title", f"{edge}{where}{only}"),
            strokes,
            class_=" ".join(["edge", kind, colour, *([f"only-{side}"] * (side != "both")), *ends]),
            data_edge=str(edge),
        )

    def _stroke(self, edge: Edge, line: Line) -> Iterator[Markup]:
        x1, y1, x2, y2 = line
        rise = max(18.0, (y1 - y2) * 0.45)
        steps = (y1 - y2) / (self._plan.sizes.height + self._plan.sizes.row_gap)
        # A line that would run behind the boxes of its own column goes round them; between MLPs the
        # farther, the longer it is.
        bow = 0.0
        if steps > 1.2 and abs(x1 - x2) < self._plan.sizes.width / 2 and edge.source != INPUT:
            bow = self._plan.sizes.width * (-0.75 if x2 < x1 else 0.75)
            if edge.source.kind == edge.target.kind == "mlp":
                bow = -bow - 4.0 * steps
        tip = y2 + (0 if self._plan.small else 6)
        yield element(
            "path",
            d=f"M{x1:.1f} {y1:.1f}C{x1 + bow:.1f} {y1 - rise:.1f} "
            f"{x2 + bow:.1f} {tip + rise:.1f} {x2:.1f} {tip:.1f}",
        )
        if not self._plan.small:
            yield element("path", d=f"M{x2:.1f} {y2:.1f}l-3.5 7h7z", class_="tip")

    def node(self, seat: Seat) -> Markup:
        node, sizes = seat.node, self._plan.sizes
        side = _side(node, [circuit.members for circuit in self._circuits])
        roles = self._of[node]
        colour = self._colours.get(node, 0)
        only = f", only in {LETTERS[side == 'b']}" if side != "both" else ""
        label = f"{node}, {' and '.join(roles) or 'no role'}, at {seat.column}{only}"
        box = element(
            "rect",
            x=seat.x - sizes.width / 2,
            y=seat.y - sizes.height / 2,
            width=sizes.width,
            height=sizes.height,
            rx=5,
        )
        text = f"{_MARKS[side]}{node}"
        written = [element("text", text, x=seat.x, y=seat.y + (4 if self._plan.small else -2))]
        if not self._plan.small:
            role = ", ".join(roles)
            short = role if len(role) <= 17 else f"{role[:16]}…"
            written.append(element("text", short, x=seat.x, y=seat.y + 12, class_="of"))
        number = self._numbers[node]
        classes = f"node r{colour} {self._name}-n{number}"
        if side != "both":
            classes += f" only-{side}"
        if node in self._told:
            return element(
                "a",
                element("title", label),
                box,
                written,
                href=f"#{self._name}-{node}",
                class_=classes,
                aria_label=label,
            )
        return element(
            "g",
            element("title", label),
            box,
            written,
            class_=classes,
            tabindex=0,
            role="img",
            aria_label=label,
        )

    def rules(self) -> str:
        """While a node is pointed at or has the focus, its edges show, the others fade, and what
        the page tells of it stands where the hint stood."""
        name = self._name
        lit = []
        for node, number in self._numbers.items():
            own = f"#{name}:has(.node.{name}-n{number}:is(:hover,:focus-visible))"
            lit.append(f"{own} .edge.{name}-n{number}{{opacity:1}}")
            if node in self._told:
                lit.append(f'{own} .told[id="{name}-{node}"]{{display:block}}')
        return "\n".join(lit)


def _box(x: float, y: float, width: float, height: float) -> Markup:
    return element("rect", x=x, y=y, width=width, height=height, rx=6, class_="end")


def _side(thing: object, collections: Sequence[Collection[object]]) -> Side:
    """Which of the circuits has a thing."""
    first, *rest = (thing in collection for collection in collections)
    if not rest or (first and rest[0]):
        return "both"
    return "a" if first else "b"


def _roles(circuits: Sequence[Circuit]) -> Sequence[tuple[Shown, Collection[Node]]]:
    """The roles of all circuits, those of one name as one, each with the nodes that it has."""
    found: dict[str, list[Node]] = {}
    for circuit in circuits:
        for role in circuit.roles.values():
            found.setdefault(role.name, []).extend(role.nodes)
    shown = []
    for i, (name, nodes) in enumerate(found.items()):
        shown.append((Shown(name, _whereabouts(name, circuits), i % COLOURS), frozenset(nodes)))
    return shown


def _whereabouts(name: str, circuits: Sequence[Circuit]) -> str:
    """Where a role is and how many nodes it has, in each circuit where that is not the same."""
    said = {
        letter: f"at {role.at}, {counted(len(role.members), 'node')}"
        for letter, circuit in zip(LETTERS, circuits, strict=False)
        if (role := circuit.roles.get(name)) is not None
    }
    first = next(iter(said.values()))
    if len(said) < len(circuits):
        return f"{first}, only in {next(iter(said))}"
    if len(set(said.values())) == 1:
        return first
    return "; ".join(f"in {letter} {one}" for letter, one in said.items())

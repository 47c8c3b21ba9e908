"""Where everything in the picture stands: columns are positions, rows are layers, going up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.drawing.columns import columns, names_of
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node
from circuitlang.circuit.positions import Positions

# Of a picture with more than so many nodes or edges the parts are drawn small.
_FEW_NODES, _FEW_EDGES = 60, 120

Row = tuple[int, str]  # layer and kind: heads come before the MLP of their layer


class Seat(NamedTuple):
    """A node in one column, by the middle of its box."""

    node: Node
    column: str
    x: float
    y: float


class Sizes(NamedTuple):
    """Of a node's box and of the gaps around it, in pixels."""

    width: float
    height: float
    gap: float
    row_gap: float


LARGE = Sizes(104, 36, 14, 34)
SMALL = Sizes(62, 18, 6, 26)
_WIDEST_ARC, _LOGITS = 110.0, 84.0
MARGIN_LEFT, MARGIN_TOP, PADDING = 56.0, 34.0, 12.0


@dataclass(frozen=True)
class Layout:
    """``columns`` map a name to its left and right edge, ``rows`` a layer to its middle. ``seats``
    hold the members, in order of evaluation; input and logits stand apart."""

    sizes: Sizes
    columns: Mapping[str, tuple[float, float]]
    rows: Mapping[Row, float]
    seats: tuple[Seat, ...]
    logits: Seat
    input_y: float
    width: float
    height: float

    @property
    def small(self) -> bool:
        return self.sizes is SMALL

    def free(self, width: float, height: float) -> bool:
        """Whether no node stands within so much of the upper left corner."""
        wide, high = self.sizes.width / 2, self.sizes.height / 2
        return all(seat.x - wide > width or seat.y - high > height for seat in self.seats)

    def middle(self, column: str) -> float:
        left, right = self.columns[column]
        return (left + right) / 2


class Line(NamedTuple):
    """One stroke of an edge: where it leaves the source's top, where it meets the target."""

    x1: float
    y1: float
    x2: float
    y2: float


def layout(circuits: Sequence[Circuit]) -> Layout:
    """Places for the members of all circuits; what two of them share stands in one place."""
    placed = _placed(circuits)
    edges = {edge for circuit in circuits for edge in circuit.claimed_edges}
    crowded = len(placed) > _FEW_NODES or len(edges) > _FEW_EDGES
    sizes = SMALL if crowded else LARGE
    cells: dict[tuple[str, Row], list[Node]] = {}
    for node, column in placed:
        cells.setdefault((column, (node.layer, node.kind)), []).append(node)

    spans: dict[str, tuple[float, float]] = {}
    # MLPs stand in a lane of their own, left of the heads, with room for the arcs between them.
    lanes: dict[str, float] = {}
    left = MARGIN_LEFT
    for name in columns(circuits):
        own = {row: len(cell) for (column, row), cell in cells.items() if column == name}
        heads = max((count for (_, kind), count in own.items() if kind == "head"), default=0)
        mlps = sum(kind == "mlp" for _, kind in own)
        lanes[name] = sizes.width + sizes.gap + min(8.0 * mlps, _WIDEST_ARC) if mlps else 0.0
        wide = lanes[name] + heads * (sizes.width + sizes.gap)
        wide = max(wide, _LOGITS, 7.5 * min(len(name), 24) + 2 * PADDING)
        spans[name] = (left, left + wide + PADDING)
        left += wide + PADDING

    order = sorted({row for _, row in cells}, reverse=True)
    step = sizes.height + sizes.row_gap
    first = MARGIN_TOP + LARGE.height / 2
    rows = {row: first + step * (i + 1) for i, row in enumerate(order)}
    end = first + step * (len(order) + 1)

    seats = [
        Seat(node, column, x, rows[row])
        for (column, row), nodes in cells.items()
        for node, x in zip(nodes, _spread(nodes, spans[column], lanes[column], sizes), strict=True)
    ]
    metric = circuits[0].task.metric.at
    top = Seat(LOGITS, metric, sum(spans[metric]) / 2, first)
    return Layout(
        sizes, spans, rows, tuple(sorted(seats)), top, end, left + PADDING, end + LARGE.height
    )


def lines(edge: Edge, at: Positions, plan: Layout) -> list[Line]:
    """The strokes of one edge, kept at the positions ``at``: one for each column that it leaves
    from and each seat of its target."""
    targets = _targets(edge, at, plan)
    half = plan.sizes.height / 2
    kept = set(names_of(at))
    found = []
    for target in targets:
        x2, y2 = target.x + _landing(edge, plan.sizes), target.y + half
        if target.node == LOGITS:
            y2 = target.y + LARGE.height / 2
        if edge.source == INPUT:
            # Through k and v a head reads other positions than its own.
            read = [name for name in names_of(at) if name in plan.columns] or [target.column]
            found += [Line(plan.middle(name), plan.input_y - 12, x2, y2) for name in read]
            continue
        sources = [seat for seat in plan.seats if seat.node == edge.source]
        sources = [seat for seat in sources if seat.column in kept] or sources
        found += [Line(seat.x, seat.y - half, x2, y2) for seat in sources]
    return found


def _targets(edge: Edge, at: Positions, plan: Layout) -> list[Seat]:
    if edge.target == LOGITS:
        return [plan.logits]
    seats = [seat for seat in plan.seats if seat.node == edge.target]
    if edge.port in ("k", "v"):
        return seats
    return [seat for seat in seats if seat.column in names_of(at)] or seats


def _landing(edge: Edge, sizes: Sizes) -> float:
    """Ports stand side by side at the bottom of a head: q, k, v."""
    match edge.port:
        case "q":
            return -sizes.width * 0.3
        case "v":
            return sizes.width * 0.3
        case _:
            return 0.0


def _placed(circuits: Sequence[Circuit]) -> list[tuple[Node, str]]:
    """Members with the columns that they stand in; within a cell those of a role together."""
    found: dict[tuple[Node, str], tuple[int, Node]] = {}
    for circuit in circuits:
        roles = {n: i for i, role in enumerate(circuit.roles.values()) for n in role.nodes}
        for node, at in circuit.members.items():
            for column in names_of(at):
                found.setdefault((node, column), (roles.get(node, len(roles)), node))
    return sorted(found, key=lambda key: found[key])


def _spread(
    nodes: Sequence[Node], span: tuple[float, float], lane: float, sizes: Sizes
) -> list[float]:
    """The middles of the boxes of a cell: an MLP's at the right of the lane, those of heads side by
    side in the middle of what is left."""
    if nodes[0].kind == "mlp":
        return [span[0] + lane - (sizes.width - sizes.gap) / 2 for _ in nodes]
    middle, step = (span[0] + lane + span[1]) / 2, sizes.width + sizes.gap
    return [middle + (i - (len(nodes) - 1) / 2) * step for i in range(len(nodes))]

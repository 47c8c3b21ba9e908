"""What one component does to another, by the paths that no other head is on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from circuitlang.circuit.circuit import Argument, Circuit
from circuitlang.circuit.expand import Site, end_sites, member_sites
from circuitlang.circuit.names import LOGITS, PORTS, Node, Reader, feeds
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.plan.measures._change import relative_change
from circuitlang.plan.measures.base import (
    Arguments,
    Measure,
    Misuse,
    Parameter,
    Statistic,
    components,
)
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, path_variant, shape_of

ANY = "any"


def senders(circuit: Circuit, what: Argument) -> Mapping[Node, Positions]:
    """The nodes meant, at their circuit positions; one that is no member everywhere."""
    nodes = sorted(components(circuit, what))
    return {node: circuit.at(node) for node in nodes}


def receivers(circuit: Circuit, to: Argument, via: Argument = ANY) -> Mapping[Reader, Positions]:
    """The ports meant, where they are read: of a member at its role's positions (q and MLPs) or at
    the attended ones (k and v), of any other node everywhere."""
    found: dict[Reader, Positions] = {}
    for site in _sites(circuit, to):
        for port in site.node.ports:
            if via in (ANY, port):
                at = EVERYWHERE if circuit.policy.positions == "all" else site.reads(port)
                found[Reader(site.node, port)] = at
    return found


def _sites(circuit: Circuit, to: Argument) -> tuple[Site, ...]:
    if isinstance(to, Node):
        strange = (Site(to, EVERYWHERE, EVERYWHERE),)
        return end_sites(to, circuit.roles, member_sites(circuit.roles.values())) or strange
    return end_sites(str(to), circuit.roles, {})


def _label(arguments: Arguments) -> str:
    via = arguments.get("via", ANY)
    port = "" if via == ANY else f".{via}"
    return f"M∖({arguments['from']}→{arguments['to']}{port})"


def _requests(circuit: Circuit, arguments: Arguments) -> Mapping[str, Evaluation]:
    patched = path_variant(
        shape_of(circuit, "`path_effect`"),
        senders(circuit, arguments["from"]),
        receivers(circuit, arguments["to"], arguments.get("via", ANY)),
    )
    return {"M": Evaluation(MODEL), _label(arguments): Evaluation(patched)}


def _statistic(_circuit: Circuit, arguments: Arguments) -> Statistic:
    return relative_change(_label(arguments))


def _misuse(circuit: Circuit, arguments: Arguments) -> Misuse | None:
    origin, to = arguments["from"], arguments["to"]
    ports = receivers(circuit, to, arguments["via"])
    if not ports:
        return no_port(arguments)
    sent = senders(circuit, origin)
    forward = [
        (source, reader) for source in sent for reader in ports if feeds(source, reader.node)
    ]
    if not forward:
        return Misuse(
            "backward-edge",
            f"nothing in `{to}` reads what `{origin}` writes: it is computed earlier",
            "from",
            f"turn the path round: `path_effect(from={to}, to={origin})`" if to != LOGITS else None,
        )
    if not any(sent[source] & ports[reader] for source, reader in forward):
        return Misuse("position-mismatch", _mismatch(arguments, sent, ports), "from")
    return None


def no_port(arguments: Arguments) -> Misuse:
    """``via`` names a port that ``to`` does not have."""
    return Misuse(
        "no-port",
        f"`{arguments['to']}` reads through no port `{arguments['via']}`: only attention heads "
        "have q, k and v",
        "via",
        "leave `via` out",
    )


def _mismatch(
    arguments: Arguments, sent: Mapping[Node, Positions], ports: Mapping[Reader, Positions]
) -> str:
    def listed(places: Iterable[Positions]) -> str:
        return " and ".join(sorted({str(at) for at in places}))

    port = f" {arguments['via']}" if arguments["via"] in PORTS else ""
    return (
        f"`{arguments['from']}` writes at {listed(sent.values())}, but `{arguments['to']}` "
        f"reads{port} at {listed(ports.values())}: a direct path stays at its position"
    )


MEASURE = Measure(
    name="path_effect",
    summary=(
        "Path patching. The change when what X sends is ablated on its direct paths to R: all "
        "other heads are frozen at their values in M, MLPs are recomputed; what R reads then is "
        "given to R in the model. X writes at its circuit positions, R reads at its role's."
    ),
    parameters=(
        Parameter("from", "component"),
        Parameter("to", "receiver"),
        Parameter("via", "choice", choices=(*PORTS, ANY), default=ANY),
    ),
    relative=lambda _: True,
    formula=lambda arguments: f"(F({_label(arguments)}) − F(M)) / F(M)",
    requests=_requests,
    statistic=_statistic,
    reference=(
        "Wang et al. 2022 (arXiv:2211.00593), app. B; Goldowsky-Dill et al. 2023 (arXiv:2304.05969)"
    ),
    needs_ratio_metric=lambda _: True,
    misuse=_misuse,
    covers=lambda _: ("task", "size"),
)

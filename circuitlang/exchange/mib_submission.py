"""A folder for MIB's leaderboard: nine circuits of one task and model, none larger than its share.

A hypothesis is one set of edges. Where it fits a share it is written whole. Below that, there is
nothing of it that anyone claimed: with attributions (``--scores``) its own best edges are written,
without them an empty circuit.
"""

from __future__ import annotations

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Edge
from circuitlang.exchange.eap_graph import Graph, write_graph
from circuitlang.exchange.eap_ig import whole_graph
from circuitlang.exchange.format import Exported, Format, Options
from circuitlang.exchange.mib import FOLDERS, SHARES, TASKS, model_of, most_edges, percent
from circuitlang.exchange.report import Dropped, Report, dropped
from circuitlang.syntax.strict_json import RefusedError


def write(circuit: Circuit, options: Options) -> Exported:
    """The files ``<task>_<model>/circuit_<percent>.json``."""
    folder = folder_name(circuit, options.task)
    ranked = _ranked(circuit, options.scores)
    files: dict[str, str] = {}
    sizes: list[str] = []
    for share, most in zip(SHARES, most_edges(FOLDERS[folder][1]), strict=True):
        kept = frozenset(_within(circuit, ranked, most))
        graph = whole_graph(circuit, kept, (), options.scores)
        files[f"{folder}/circuit_{percent(share)}.json"] = write_graph(graph)
        sizes.append(f"{percent(share)} %: {len(kept):,}")
    placed = sum(not at.everywhere for at in circuit.edges.values())
    report = Report(
        {"circuits": len(files)},
        dropped(
            Dropped(placed, "edges' positions", "MIB keeps an edge at every position"),
            Dropped(len(circuit.roles), "roles", "MIB has edges only"),
            Dropped(len(circuit.claims), "claims", "MIB measures CPR and CMD"),
        ),
        (
            f"edges in each circuit: {', '.join(sizes)}",
            "MIB ablates by its own counterfactual prompts, whatever the policy says",
        ),
    )
    return Exported(files=files, report=report)


def folder_name(circuit: Circuit, task: str | None) -> str:
    """``ioi_gpt2``. Without ``task`` the circuit's name is taken, ``arc_easy`` for ``arc-easy``."""
    model = model_of(circuit.model.source)
    if model is None:
        raise RefusedError(
            f"MIB does not have the model `{circuit.model.source}`",
            "MIB's models are gpt2, Qwen2.5-0.5B, gemma-2-2b and Llama-3.1-8B",
            "cannot-export",
        )
    name = task or circuit.name.replace("_", "-")
    folder = f"{name}_{model}"
    if folder not in FOLDERS:
        has = ", ".join(known for known in TASKS if f"{known}_{model}" in FOLDERS)
        raise RefusedError(
            f"MIB does not have the task `{name}` for {model}",
            f"give one of its tasks: --task {has}",
            "cannot-export",
        )
    return folder


def _ranked(circuit: Circuit, scores: Graph | None) -> tuple[Edge, ...]:
    """The circuit's edges, the strongest first; empty where nothing says which those are."""
    if scores is None:
        return ()

    def strength(edge: Edge) -> float:
        known = scores.edges.get(str(edge))
        score = known.score if known and known.score is not None else 0.0
        return abs(score) if score == score else 0.0  # noqa: PLR0124 - NaN: not scored

    return tuple(sorted(circuit.edges, key=strength, reverse=True))


def _within(circuit: Circuit, ranked: tuple[Edge, ...], most: int) -> tuple[Edge, ...]:
    if len(circuit.edges) <= most:
        return tuple(circuit.edges)
    return ranked[:most]


FORMAT = Format(
    name="mib-submission",
    title="a folder for MIB's leaderboard: nine circuits of one task and model",
    layout="hannamw/MIB-circuit-track @b759df3, README; mttk/MIB-circuit-track-autoeval @b48d9ba",
    carries="edges by port, whole where they fit a share; with --scores the best of them below",
    loses="positions, roles, task, policy, claims; written only",
    takes=frozenset({"task", "scores"}),
    folder=True,
    write=write,
)

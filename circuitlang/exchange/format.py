"""What the entries of the table of formats have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.eap_graph import Graph
from circuitlang.exchange.report import Report
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.print import print_file
from circuitlang.syntax.source import Source


@dataclass(frozen=True)
class Options:
    """``scores`` are attributions to write beside the circuit's parts; ``task`` is MIB's name of
    the task; ``claimed`` leaves out the edges that only `keep mlps` adds. Each is for the formats
    that name it in ``takes``."""

    scores: Graph | None = None
    task: str | None = None
    claimed: bool = False


@dataclass(frozen=True)
class Exported:
    """``text`` is the whole file; ``files`` a folder's files by their paths in it. ``report`` says
    what of the circuit has no place there."""

    text: str = ""
    report: Report = field(default_factory=Report)
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Imported:
    """``source`` is the text that the spans of ``file`` point into; empty where ``file`` was made
    from data. ``scores`` holds an EAP-IG graph's attributions, the one thing that `export` takes
    back."""

    file: tree.File
    report: Report
    source: Source = field(default_factory=lambda: Source(""))
    scores: Graph | None = None

    @property
    def text(self) -> str:
        return self.source.text or print_file(self.file)


Read = tuple[Imported | None, tuple[Diagnostic, ...]]


class Format(NamedTuple):
    """One format.

    ``layout`` names the program and the commit whose writer or reader was followed; ``carries`` and
    ``loses`` say in words what a round trip keeps. ``takes`` names the fields of `Options` that it
    heeds, ``folder`` is whether it writes a folder. ``write`` raises `RefusedError` for a circuit
    that the format cannot hold; `circuitlang.exchange.formats.export` makes a diagnostic of that.
    """

    name: str
    title: str
    layout: str
    carries: str
    loses: str
    takes: frozenset[str] = frozenset()
    folder: bool = False
    write: Callable[[Circuit, Options], Exported] | None = None
    read: Callable[[bytes], Read] | None = None


Formats = Mapping[str, Format]

"""What a verification came to, with everything that its numbers depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from circuitlang.circuit.circuit import Circuit
from circuitlang.plan.observations import NOTHING_KNOWN, Observations
from circuitlang.plan.request import Request
from circuitlang.report.pictures import Pictures
from circuitlang.report.regressions import Regressions
from circuitlang.report.reuse import Reuse
from circuitlang.score.sensitivity import Sensitivity
from circuitlang.score.verdict import (
    EXIT_FAIL,
    EXIT_INCONCLUSIVE,
    Look,
    Measured,
    Verdict,
    exit_code,
)
from circuitlang.syntax.diagnostic import Diagnostic

_WORDS = {0: "pass", 1: "fail", 3: "inconclusive", 4: "error"}


@dataclass(frozen=True)
class Report:
    """One spec, verified.

    ``path`` is shown as it was given. ``examples`` is the size of the data set. ``model_digest``
    and ``data_digest`` are SHA-256 in hexadecimal, or None where nothing was digested.
    ``executor`` is the one that ran, ``sparse`` or ``reference``. ``versions`` maps distributions,
    and ``python``, to their versions. ``preflight`` holds one sentence a check that passed,
    ``warnings`` what the spec and its data are to be read with. ``seconds`` is the wall time of the
    whole verification. ``reuse`` says for each claim what of its numbers was in the cache; it is
    empty where none was used. ``sensitivity`` holds the matrix of each claim that was re-measured
    under other choices, ``pictures`` what there is to show of single prompts; each is None where it
    was not asked for. ``looks`` are those that were declared before anything was measured, and
    ``fixed`` says of claims why they were judged at none of them. ``observations`` are the numbers
    on the examples, and ``needs`` says by claim and label which of them are read. ``against`` is
    what became of the claims since evidence was recorded, where that was asked for.
    """

    path: str
    circuit: Circuit
    verdicts: tuple[Verdict, ...]
    examples: int
    model_digest: str | None = None
    data_digest: str | None = None
    device: str = "cpu"
    executor: str = "sparse"
    versions: Mapping[str, str] = field(default_factory=dict)
    preflight: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    reuse: Mapping[str, Reuse] = field(default_factory=dict)
    sensitivity: tuple[Sensitivity, ...] | None = None
    looks: tuple[Look, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    pictures: Pictures | None = None
    observations: Observations = field(default_factory=lambda: NOTHING_KNOWN)
    needs: Mapping[str, Mapping[str, Request]] = field(default_factory=dict)
    against: Regressions | None = None

    @property
    def exit_code(self) -> int:
        """That of the verdicts; a claim that fell since the evidence was recorded fails too, and
        where no claim could be compared with it, that is not known."""
        if self.against is not None and self.against.fallen:
            return EXIT_FAIL
        known = self.against is None or self.against.compared
        return exit_code(self.verdicts) or (0 if known else EXIT_INCONCLUSIVE)

    @property
    def outcome(self) -> str:
        """``pass``, ``fail``, ``inconclusive`` or ``error``, as the exit code says; ``vacuous``
        where a claim is, and none is worse."""
        word = _WORDS[self.exit_code]
        vacuous = any(v.blocking and v.outcome == "vacuous" for v in self.verdicts)
        return "vacuous" if word == "inconclusive" and vacuous else word

    def _repr_html_(self) -> str:
        """The verdicts and the drawing, for notebooks."""
        from circuitlang.report.html.page import report_fragment

        return report_fragment(self)

    @cached_property
    def inputs(self) -> Mapping[str, Measured]:
        """The named means that any claim reads, such as ``F(M)``, each once."""
        return {name: value for v in self.verdicts for name, value in v.inputs.items()}

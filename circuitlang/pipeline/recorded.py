"""Evidence that was read and found sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from circuitlang.circuit.circuit import Circuit, Waiver
from circuitlang.pipeline.dry_run import Options
from circuitlang.pipeline.replay import Replay
from circuitlang.pipeline.sensitivity import which_of
from circuitlang.plan.observations import Observations
from circuitlang.report.record import Report
from circuitlang.score.matrix import sensitivity
from circuitlang.score.score import score
from circuitlang.score.verdict import Verdict
from circuitlang.syntax.diagnostic import Diagnostic, Severity


@dataclass(frozen=True)
class Evidence:
    """``circuit`` is that of the recorded text under the recorded policy, ``replay`` holds the
    recorded numbers as answers to what it asks. ``read_on`` is the reader's day."""

    path: Path
    content: Mapping[str, Any]
    circuit: Circuit
    replay: Replay
    read_on: date

    @property
    def observations(self) -> Observations:
        """The recorded numbers, by request."""
        return self.replay.observations

    @property
    def verification(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content["verification"]
        return found

    @property
    def today(self) -> date:
        """The day of the record, by which its waivers are judged."""
        return date.fromisoformat(self.content["date"])

    @property
    def options(self) -> Options:
        """How it was verified, as far as the text does not say."""
        matrices = self.verification["sensitivity"]
        which = None if matrices is None else which_of(self.circuit, matrices)
        return replace(options_of(self.verification), sensitivity=which)

    @property
    def expired(self) -> tuple[Waiver, ...]:
        """Waivers that held on the day of the record, and hold no longer."""
        return tuple(
            one for one in self.circuit.waivers if date.fromisoformat(one.until) < self.read_on
        )

    @cached_property
    def report(self) -> Report:
        """What was verified, judged again from the recorded numbers. Pictures of prompts are not
        among what is recorded, and not in it."""
        recorded, matrix = self.verification, self.replay.matrix
        return Report(
            path=recorded["spec"]["path"],
            circuit=self.circuit,
            verdicts=self.verdicts(),
            # Evidence is not of looks, so the data are as many as the policy asks for.
            examples=self.circuit.policy.examples,
            model_digest=recorded["model"]["digest"],
            data_digest=recorded["data"]["digest"],
            device=recorded["device"],
            executor=recorded["executor"],
            versions=recorded["versions"],
            preflight=tuple(recorded["preflight"]),
            warnings=tuple(map(self._expiry, self.expired)),
            seconds=recorded["seconds"],
            sensitivity=None if matrix is None else sensitivity(matrix, self.observations),
            observations=self.observations,
            needs=self.replay.needs,
        )

    def verdicts(self, observations: Observations | None = None) -> tuple[Verdict, ...]:
        """The claims judged on ``observations``, or on the recorded numbers."""
        return score(
            self.circuit, self.observations if observations is None else observations, self.today
        )

    def _expiry(self, waiver: Waiver) -> Diagnostic:
        return Diagnostic(
            "expired-waiver",
            f"the waiver of `{waiver.claim}` ended on {waiver.until}, after this was recorded",
            waiver.span,
            label=f"recorded on {self.today}, and today is {self.read_on}",
            severity=Severity.WARNING,
        )


def options_of(verification: Mapping[str, Any]) -> Options:
    """What was asked for beside the text, from a record of it."""
    return Options(examples=verification["policy"]["examples"], seed=verification["seed"])

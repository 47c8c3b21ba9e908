"""What the numbers of circuits that were run together depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from circuitlang.syntax.diagnostic import Findings


@dataclass(frozen=True)
class Provenance:
    """``examples`` prompts were drawn with ``seed``; the digests are SHA-256 in hexadecimal.

    ``preflight`` says what was established before anything was measured. Of the ``needed`` numbers
    ``found`` were in the cache. ``warnings`` are what each file and its data are to be read with.
    """

    examples: int
    seed: int
    model_digest: str
    data_digest: str
    device: str = "cpu"
    executor: str = "sparse"
    versions: Mapping[str, str] = field(default_factory=dict)
    preflight: str = ""
    found: int = 0
    needed: int = 0
    warnings: tuple[Findings, ...] = ()

    def to_object(self) -> dict[str, Any]:
        """Its fields in the JSON of a difference or a comparison."""
        return {
            "examples": self.examples,
            "seed": self.seed,
            "model_digest": self.model_digest,
            "data_digest": self.data_digest,
            "device": self.device,
            "executor": self.executor,
            "versions": dict(sorted(self.versions.items())),
            "preflight": self.preflight,
            "cache": {"found": self.found, "needed": self.needed},
        }

"""One model for all specs of a call that name it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from circuitlang.circuit.circuit import ModelRef
from circuitlang.model.decoder import Decoder
from circuitlang.model.load import Diagnostics, Prospect, load_model, survey_model
from circuitlang.syntax.source import NOWHERE

_Asked = tuple[ModelRef, Path, str]
_Weights = tuple[ModelRef, str, str]


class Models:
    """Surveys and loads models; the last one of each stays, and is given again where the same is
    asked for next. Only one is held at a time."""

    def __init__(self) -> None:
        self._surveyed: tuple[_Asked, Prospect] | None = None
        self._loaded: tuple[_Weights, Decoder] | None = None

    def survey(self, ref: ModelRef, root: Path, device: str) -> tuple[Prospect | None, Diagnostics]:
        """As `circuitlang.model.load.survey_model`."""
        key = (replace(ref, span=NOWHERE), root.resolve(), device)
        if self._surveyed and self._surveyed[0] == key:
            return replace(self._surveyed[1], ref=ref), ()
        prospect, problems = survey_model(ref, root, device)
        if prospect is not None:
            self._surveyed = (key, prospect)
        return prospect, problems

    def load(self, prospect: Prospect) -> tuple[Decoder | None, Diagnostics]:
        """As `circuitlang.model.load.load_model`."""
        key = (replace(prospect.ref, span=NOWHERE), prospect.digest, str(prospect.device))
        if self._loaded and self._loaded[0] == key:
            return self._loaded[1], ()
        self._loaded = None  # before the next one takes memory
        decoder, problems = load_model(prospect)
        if decoder is not None:
            self._loaded = (key, decoder)
        return decoder, problems

"""How this room says no: raised where a file turns out unusable, and turned into a diagnostic by
the two public functions of `circuitlang.model.load`."""

from __future__ import annotations

from circuitlang.circuit.circuit import ModelRef
from circuitlang.syntax.diagnostic import Diagnostic


class RefusedError(Exception):
    """A model or tokenizer that will not be opened, and why."""

    def __init__(
        self, code: str, message: str, advice: str | None = None, note: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.advice = advice
        self.note = note

    def diagnostic(self, ref: ModelRef) -> Diagnostic:
        return Diagnostic(self.code, str(self), ref.span, help=self.advice, note=self.note)


def not_found(message: str, advice: str | None = None, note: str | None = None) -> RefusedError:
    return RefusedError("model-not-found", message, advice, note)


def listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def first_line(error: Exception) -> str:
    """What a library's exception says, cut to a line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
